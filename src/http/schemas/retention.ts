// Schemas of retention: rules, their versions, what new ones would do, and how long one recording stays.
import { z } from '@hono/zod-openapi';
import { text, time } from './shapes.ts';

const rules = z.looseObject({}).openapi({ description: 'retention rules, as `GET /v1/retention/schema` says' });

const count = z.int();

export const retentionPreviewSchema = z
  .strictObject({
    at: time,
    recordings: count,
    earlier: count.openapi({ description: 'due sooner than by the rules before' }),
    at_grace: count.openapi({ description: 'of these, due at the end of the grace after the approval' }),
    later: count,
    unchanged: count,
    first_day: text.nullable().openapi({ description: 'the first UTC day on which recordings become due' }),
    busiest_day: text.nullable(),
    busiest: count.openapi({ description: 'how many become due on that day' }),
    months: z.array(z.strictObject({ month: text, was: count, now: count })),
    rules: z
      .array(z.strictObject({ rule: text, was: count.nullable(), now: count.nullable() }))
      .openapi({ description: 'how many recordings each rule decides; null where a version does not have it' }),
    held: count.openapi({ description: 'kept by legal holds, whatever the rules say' }),
    restricted: count,
  })
  .openapi('RetentionPreview');

export const retentionEffectsSchema = z
  .strictObject({
    id: text.openapi({ description: 'of the version that it sets' }),
    base: text.nullable(),
    was: rules.nullable(),
    set: rules,
    difference: z
      .array(
        z.strictObject({
          list: z.enum(['keep', 'erase']).nullable(),
          rule: text.nullable(),
          name: text,
          from: z.unknown(),
          to: z.unknown(),
          effect: z.enum(['longer', 'shorter']).nullable().openapi({ description: 'for how long recordings stay' }),
        }),
      )
      .openapi({ description: 'line by line; empty for the first rules' }),
    preview: retentionPreviewSchema,
  })
  .openapi('RetentionEffects');

const versionFields = {
  id: text,
  version: count.openapi({ description: 'counted from 1' }),
  created: time,
  in_force: z.boolean(),
  change: text.nullable().openapi({ description: 'the change that brought it' }),
  proposer_name: text.nullable(),
  decider_name: text.nullable(),
};

export const rulesVersionSchema = z.strictObject(versionFields).openapi('RetentionVersion');

export const oneRulesVersionSchema = z.strictObject({ ...versionFields, rules }).openapi('OneRetentionVersion');

export const packSchema = z
  .strictObject({ id: text, title: text, about: text, rules })
  .openapi('RetentionPack', { description: 'a starting point, not legal advice' });

export const expirySchema = z
  .strictObject({
    state: z.enum(['no_rules', 'running', 'paused', 'braked']),
    since: time.nullable().openapi({ description: 'when it was paused or braked' }),
    by: text.nullable().openapi({ description: 'id of the person who paused it, or of the process that braked' }),
    applying: text.nullable().openapi({ description: 'the version that recordings are being brought to' }),
    due: count.openapi({ description: 'recordings that are due, counted up to 100,000' }),
    erased_today: count,
    waits_for_clock: z.strictObject({ last_trusted: time.nullable(), until: time.nullable() }).nullable().openapi({
      description:
        'no process erases by age until its clock has run as long as the deployment was without a trusted one; `until` null: not known here, or over 72 hours, which two people confirm',
    }),
  })
  .openapi('Expiry');

const ruleOfRecording = {
  rule: text.openapi({ description: 'its id; `retain_until` where the recording itself says it, and no rule' }),
  name: text.nullable(),
  law: text.nullable().openapi({ description: 'the clause of a rule that keeps' }),
  from: text.nullable().openapi({ description: '`call` or `event:<name>`' }),
  period: text.nullable().openapi({ description: '`P<n>D`, `P<n>M`, `P<n>Y` or `never`' }),
  waits_for: text.nullable().openapi({ description: 'the event that is not reported: until then the end can move' }),
};
const endOfRecording = z.strictObject({
  until: time.nullable().openapi({ description: 'null: for ever' }),
  ...ruleOfRecording,
});

const lifetimeUnder = z
  .strictObject({
    version: text.nullable().openapi({ description: 'of the rules; null: the tenant has none' }),
    keep: endOfRecording.nullable().openapi({ description: 'until when it must be kept; null: nothing keeps it' }),
    keeps: z.array(endOfRecording).openapi({ description: 'each keeping rule that matches; the longest wins' }),
    expires: z.strictObject({
      until: time.nullable().openapi({ description: 'when it expires; null: never' }),
      cause: z.enum(['rule', 'minimum', 'grace', 'asked', 'rebuilt', 'no_rules']).openapi({
        description:
          'its erasing rule says so; a minimum is later; a change or a correction lets it stay longer; the subject asked; it was rebuilt and is not released; there are no rules',
      }),
      rule: z.strictObject(ruleOfRecording).nullable().openapi({ description: 'the erasing rule that matches first' }),
      of_rule: time.nullable().openapi({ description: 'the end of that rule’s period; null: never' }),
      waits_for: text.nullable(),
    }),
  })
  .openapi('LifetimeUnderRules');

export const lifetimeSchema = z
  .strictObject({
    recording: text,
    ruled: text.nullable().openapi({ description: 'the version that was applied to the recording' }),
    in_force: lifetimeUnder,
    proposed: lifetimeUnder
      .extend({ change: text })
      .nullable()
      .openapi({ description: 'what an open change would make of it if it were approved now' }),
    retain_until: time.nullable(),
    holds: count.openapi({ description: 'legal holds that it is in: it does not expire' }),
    restricted: time.nullable().openapi({ description: 'since when its processing is restricted: it does not expire' }),
    asked: z.strictObject({ at: time, request: text }).nullable().openapi({
      description: 'when the subject asked for it to be erased, and by which subject request; null: not asked',
    }),
  })
  .openapi('Lifetime');
