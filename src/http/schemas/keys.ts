// Schemas of tenants’ keys for operators: counts by generation, and the plan of a re-wrap.
import { z } from '@hono/zod-openapi';
import { KEY_SCHEMES } from '../../bytes/key-schemes.ts';
import { state, text, time } from './shapes.ts';

const keysLeft = z.strictObject({
  data_keys: z.int(),
  under_way: z.int().openapi({ description: 'of uploads in progress: re-wrapped after those complete' }),
  envelopes: z.int(),
  metadata_key: z.boolean(),
  tenant_json: z.boolean(),
  ingest_keys: z.int().openapi({ description: 'keys that files are sealed to before their upload' }),
});

export const tenantKeysSchema = z
  .strictObject({
    tenant: text,
    name: text,
    state,
    key_scheme: z.enum(KEY_SCHEMES),
    key_id: text,
    key_state: z.enum(['usable', 'refused', 'away']),
    key_reason: text.openapi({ description: 'the key’s state in the key service, `denied` or `no-answer`' }),
    volume: z.boolean(),
    generation: z.int(),
    minimum_generation: z.int().openapi({ description: 'older generations do not open' }),
    counted: time,
    generations: z.array(
      z.strictObject({
        generation: z.int(),
        keys: z.int(),
        under_way: z.int(),
        envelopes_behind: z.int().openapi({ description: 'keys whose envelopes still have an older generation' }),
        tenant_keks: z.int(),
        ingest_keys: z.int(),
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
  ingest_keys: z.int(),
  envelopes: z.int(),
  kms_calls: z.int().openapi({ description: 'calls of the key service' }),
  kms_dollars: z.number().openapi({ description: 'charges of the key service, in US dollars' }),
  seconds: z.int().openapi({ description: 'estimate, from the usual number of calls and the measured speed' }),
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
