// Schemas of changes by two people, and of settings.
import { z } from '@hono/zod-openapi';
import { CHANGE_KINDS } from '../../model/change/change.ts';
import { FACT_NAMES } from '../../model/change/command.ts';
import { checksSchema } from './access.ts';
import { holdSchema } from './holds.ts';
import { retentionEffectsSchema } from './retention.ts';
import { state, text, time } from './shapes.ts';

const basis = z.enum(['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none']);

export const settingsSchema = z
  .strictObject({
    default_basis: basis,
    default_notice: text
      .nullable()
      .openapi({ description: 'the notice and version that every caller hears, such as ntc_…/2; null for none' }),
    time_zone: text.nullable().openapi({ description: 'IANA name; null for that of the tenant’s country' }),
    searchable: z.array(text).openapi({ description: 'fields that recordings can be found by' }),
    sources: z
      .record(text, text)
      .openapi({ description: 'ids of services by source: others belong to the service of their first upload' }),
    decide_by_key: z.boolean(),
    approver_age_hours: z.int(),
  })
  .openapi('Settings');

const roles = z.array(text);

const personState = z.strictObject({
  state: z.enum(['active', 'off']),
  roles,
  trained_until: text.nullable().openapi({ description: 'a day; null where no training is recorded' }),
});

const stayReason = z.enum(['integrity', 'changes', 'erased', 'not-rebuilt']);

const deciders = z
  .strictObject({ at: time, approvers: z.int(), too_young: z.int(), decide_keys: z.int() })
  .openapi({ description: 'approvers, those whose accounts would be too young, and API keys that can decide' });

const effect = z.enum(['stricter', 'looser']).nullable().openapi({ description: 'for callers’ protection' });

const policyFields = {
  base: text.openapi({ description: 'the version that it was made from' }),
  difference: z.array(
    z.strictObject({
      purpose: text.nullable().openapi({ description: 'null for a member of the policy itself' }),
      name: text.openapi({ description: 'of the member; `purpose` where the purpose itself is added or removed' }),
      from: z.unknown(),
      to: z.unknown(),
      effect,
    }),
  ),
  deciders,
  replay: z
    .strictObject({
      since: time,
      requests: z.int(),
      complete: z.boolean().openapi({ description: 'false: only the newest requests were judged' }),
      denied: z.array(z.strictObject({ code: text, count: z.int() })),
      allowed: z.int().openapi({ description: 'that the policy in force denies' }),
      listed: z.array(z.strictObject({ request: text, recording: text, code: text })),
      sessions_end: z.int().openapi({ description: 'live sessions that end with their next piece' }),
      openings: z
        .strictObject({
          count: z.int(),
          denied: z.array(z.strictObject({ code: text, count: z.int() })),
          calls: z.int().optional().openapi({ description: 'calls opened then whose consent no longer counts' }),
        })
        .optional()
        .openapi({
          description: 'sessions opened in 30 days under the new limits and consent; absent where those do not change',
        }),
    })
    .openapi({ description: 'the requests of 30 days, judged again' }),
};

export const policyEffectsSchema = z.strictObject(policyFields).openapi('PolicyEffects');

const changeFields = {
  id: text,
  tenant: text,
  kind: z.enum(CHANGE_KINDS),
  state,
  base: text.openapi({ description: 'SHA-256 of the versions that it builds on' }),
  effects: text.openapi({ description: 'SHA-256 of the events that applying it writes' }),
  proposer: text.openapi({ description: 'id of a person; the staff code of an operator' }),
  by_command: z.boolean(),
  opened: time,
  expires: time,
  decider: text.nullable(),
  decided: time.nullable(),
  leaf_index: z
    .int()
    .nullable()
    .openapi({ description: 'of its `change.proposed` in the log; null for changes of older versions' }),
  leaf_hash: text.nullable().openapi({ description: 'of that leaf, in base64: what the passkeys sign' }),
  signed: time.nullable().openapi({ description: 'when the proposer signed it; null for a command’s' }),
};

export const openedSignatureSchema = z
  .strictObject({
    options: z.looseObject({ challenge: text }).openapi({ description: 'WebAuthn level 3, as JSON' }),
    leaf_index: z.int(),
    leaf_hash: text,
  })
  .openapi('OpenedSignature');

export const changeSchema = z.strictObject(changeFields).openapi('Change');

const teamState = z.strictObject({
  name: text,
  members: z.array(z.strictObject({ id: text, name: text.nullable(), lead: z.boolean() })),
  queues: z.array(text.nullable()).openapi({ description: 'names; null for calls without a queue' }),
});

const viewFields = {
  ...changeFields,
  proposer_name: text.nullable(),
  decider_name: text.nullable(),
  confirmer: z
    .enum(['admin', 'operator'])
    .nullable()
    .openapi({ description: 'who approves what a command proposed; null for a person’s proposal' }),
  note: text,
  reason: text.nullable().openapi({ description: 'of a rejection' }),
  difference: z
    .array(
      z.strictObject({
        name: text,
        from: z.unknown(),
        to: z.unknown(),
        effect,
      }),
    )
    .openapi({ description: 'of a change of settings, line by line' }),
  people: z
    .array(z.strictObject({ id: text, name: text, roles, trained_until: text.nullable() }))
    .openapi({ description: 'to add' }),
  people_changed: z
    .array(z.strictObject({ id: text, name: text.nullable(), from: personState, to: personState }))
    .openapi({ description: 'people of the tenant whose roles, training or state it changes' }),
  preview: deciders.nullable(),
  team: z
    .strictObject({ id: text, was: teamState.nullable(), to: teamState })
    .nullable()
    .openapi({ description: 'of a change of a team: before, null for a new one, and after' }),
  lift: z
    .strictObject({
      hold: text.nullable().openapi({ description: 'null where restrictions are lifted' }),
      restrictions: z
        .array(text)
        .nullable()
        .openapi({ description: 'recordings whose restrictions end; null for a hold' }),
      recordings: z
        .array(text)
        .nullable()
        .openapi({ description: 'that leave the hold; null for all, and the hold ends' }),
      now: holdSchema.nullable().openapi({ description: 'the hold as it is now' }),
    })
    .nullable()
    .openapi({ description: 'of a change that lifts a legal hold, or restrictions' }),
  answer: z
    .strictObject({
      request: text.openapi({ description: 'id of the subject request' }),
      asked: z.array(text),
      outcomes: z.record(text, z.int()).openapi({ description: 'how many recordings have each outcome' }),
      recordings: z.int(),
      refusal: text.nullable().openapi({ description: 'the ground, where the request is rejected' }),
      copies: z
        .strictObject({
          officer: text,
          officer_name: text.nullable(),
          hours: z.int().openapi({ description: 'from when the decision is carried out' }),
          downloads: z.int(),
          recordings: z.int(),
        })
        .nullable()
        .openapi({ description: 'who makes the copies; null where no recording is copied' }),
    })
    .nullable()
    .openapi({ description: 'of the decision on a subject request' }),
  policy: z
    .strictObject({ id: text.openapi({ description: 'of the version that it sets' }), ...policyFields })
    .nullable()
    .openapi({ description: 'of a change of the access policy' }),
  resume: z
    .strictObject({
      was: z.enum(['paused', 'braked']),
      due: z.int().openapi({ description: 'recordings that were due when it was proposed' }),
      at: time,
    })
    .nullable()
    .openapi({ description: 'of a change that resumes expiry' }),
  retention: retentionEffectsSchema.nullable().openapi({ description: 'of a change of the retention rules' }),
  release: z
    .strictObject({
      depositor: text.openapi({ description: 'id of the service that deposits these calls from then on' }),
      depositor_name: text.nullable(),
      recordings: z.array(text).nullable().openapi({ description: 'null for all that were rebuilt' }),
      at: time,
      released: z.int(),
      without_basis: z.int().openapi({ description: 'of these: they stay in the quarantine `basis`' }),
      stays: z.array(z.strictObject({ reason: stayReason, count: z.int() })),
      listed: z
        .array(z.strictObject({ recording: text, reason: stayReason }))
        .openapi({ description: 'the first 100 that stay' }),
    })
    .nullable()
    .openapi({ description: 'of a release: what it would do, as counted when it was proposed' }),
  facts: z
    .array(
      z.strictObject({
        name: z.enum(FACT_NAMES),
        value: z.union([text, z.int(), z.boolean(), z.array(text)]),
        title: text.nullable().openapi({ description: 'the name of the person or service' }),
      }),
    )
    .openapi({ description: 'what a command will do once it is approved; empty for other kinds' }),
};

export const changeViewSchema = z.strictObject(viewFields).openapi('ChangeView');

export const oneChangeSchema = z
  .strictObject({ ...viewFields, checks: checksSchema.openapi({ description: 'of an approval by the caller' }) })
  .openapi('OneChange');
