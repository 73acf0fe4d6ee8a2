// What replies to auditors, admins and operators look like: activity, people, API keys, the keys of tenants.
import { z } from '@hono/zod-openapi';

const time = z.iso.datetime();
const text = z.string();
const state = text.openapi({ description: 'lower case' });

export const personSchema = z
  .strictObject({
    id: text,
    kind: z.enum(['person', 'service']),
    name: text.nullable().openapi({ description: 'null while the tenant is suspended or its key is away' }),
    roles: z.array(text),
    state,
    created: time,
    owners: z.array(text).openapi({ description: 'ids of the people who answer for a service' }),
    passkeys: z.int().nullable().openapi({ description: 'null, as all that follows, for who may not sign people out' }),
    sign_ins: z.int().nullable(),
    last_seen: time.nullable(),
    link_until: time.nullable(),
  })
  .openapi('Person');

export const apiKeySchema = z
  .strictObject({
    id: text,
    principal: text,
    principal_name: text.nullable(),
    scopes: z.array(text),
    state: z.enum(['active', 'expired', 'revoked']),
    created: time,
    expires: time,
  })
  .openapi('ApiKey');

const keysLeft = z.strictObject({
  data_keys: z.int(),
  under_way: z.int().openapi({ description: 'of uploads under way: they come once those are done' }),
  envelopes: z.int(),
  metadata_key: z.boolean(),
  tenant_json: z.boolean(),
});

export const tenantKeysSchema = z
  .strictObject({
    tenant: text,
    name: text,
    state,
    key_scheme: z.enum(['kms', 'keyring']),
    key_id: text,
    key_state: z.enum(['usable', 'refused', 'away']),
    key_reason: text.openapi({ description: 'the key’s state in the key service, `denied` or `no-answer`' }),
    volume: z.boolean(),
    generation: z.int(),
    minimum_generation: z.int().openapi({ description: 'nothing below it opens' }),
    counted: time,
    generations: z.array(
      z.strictObject({
        generation: z.int(),
        keys: z.int(),
        under_way: z.int(),
        envelopes_behind: z.int().openapi({ description: 'whose envelopes still carry an older generation' }),
        tenant_keks: z.int(),
      }),
    ),
    left: keysLeft,
    last_rotation: z.strictObject({ at: time, how: text, by: text }).nullable(),
    running: z
      .strictObject({
        step: z.enum(['keys', 'envelopes']),
        since: time.nullable(),
        by: text.nullable(),
        done: z.int(),
        left: z.int(),
        rate_per_s: z.number().nullable(),
      })
      .nullable(),
  })
  .openapi('TenantKeys');

const effort = {
  data_keys: z.int(),
  envelopes: z.int(),
  kms_calls: z.int(),
  kms_dollars: z.number(),
  seconds: z.int().openapi({ description: 'about: as many calls as are usual, and as fast as was measured' }),
};

export const keyPlanSchema = z
  .strictObject({
    tenant: text,
    generation: z.int(),
    left: keysLeft,
    ...effort,
    after_rotation: z.strictObject(effort),
    next: z.enum(['rewrap', 'retire', 'rotate']),
    command: text,
    commands: z.strictObject({ rotate: text, dry_run: text, rewrap: text, retire: text }),
  })
  .openapi('KeyPlan');

const named = z.strictObject({ id: text, type: text, name: text.nullable() });

export const activitySchema = z
  .strictObject({
    data: z.array(
      z
        .strictObject({
          index: z.int(),
          at: time.nullable().openapi({ description: 'null, as all that follows, where the leaf cannot be read' }),
          actor: named.extend({ auth: text.nullable() }).nullable(),
          action: text.nullable(),
          outcome: text.nullable(),
          object: z.looseObject({ type: text, id: text }).nullable(),
          detail: z.looseObject({}).nullable(),
          detail_state: z.enum(['none', 'opened', 'erased', 'sealed', 'differs']),
          leaf: text.openapi({ description: 'the exact bytes, base64' }),
          hash: text.openapi({ description: 'SHA-256 of a zero byte and the leaf, base64' }),
        })
        .openapi('ActivityEvent'),
    ),
    next_cursor: text.nullable(),
    log: text.openapi({ description: 'the name that every leaf of it carries' }),
    names: z.record(text, text).openapi({ description: 'of the people and services that these events speak of' }),
    looked: z
      .strictObject({ newest: z.int(), oldest: z.int(), since: time.nullable() })
      .nullable()
      .openapi({ description: 'which events were looked at, by index: a filter passes some thousands a reply' }),
  })
  .openapi('Activity');
