// Schemas of replies about access: requests, grants, access explanations.
import { z } from '@hono/zod-openapi';
import { state, text, time } from './shapes.ts';

const approvals = z.strictObject({ given: z.int(), needed: z.int() });

export const checksSchema = z.array(
  z.strictObject({
    check: text,
    ok: z.boolean().nullable(),
    code: text.optional(),
    detail: text.optional(),
    approvals: approvals.optional().openapi({ description: 'for the check `approval` only' }),
  }),
);

export const accessStateSchema = z
  .strictObject({
    state: z.enum([
      ...(['listen', 'ask', 'pending', 'denied', 'cancelled', 'expired', 'revoked', 'used'] as const),
      'unavailable',
    ]),
    code: text.nullable().openapi({ description: 'of the failed check' }),
    purpose: text.nullable(),
    request: text.nullable(),
    grant: text.nullable(),
    until: time.nullable().openapi({ description: 'end of the grant or the open request' }),
    approvals: approvals.nullable(),
    decided_by: z.strictObject({ id: text, name: text.nullable() }).nullable(),
    reason: text.nullable(),
  })
  .openapi('Standing', { description: 'the caller’s access to the recording' });

const grantFields = {
  id: text,
  request: text.nullable().openapi({ description: 'null for an assigned grant' }),
  batch: text.nullable().openapi({ description: 'that assigned it' }),
  recording: text,
  person: text,
  purpose: text,
  objects: z.array(text),
  state,
  approved: time,
  expires: time.openapi({
    description: 'the end as it stands: of the window before the first listen, then of the clock',
  }),
  uses: z.int(),
  uses_left: z.int(),
  minutes: z.int().nullable().openapi({ description: 'how long the clock runs; null where the approval started it' }),
  opens_until: time.nullable().openapi({ description: 'the latest first listen, which starts the clock' }),
  started: time.nullable().openapi({ description: 'the first listen' }),
  extend_minutes: z.int().nullable().openapi({ description: 'of the one extension that was approved' }),
  extended: time.nullable(),
  done: time.nullable().openapi({ description: 'when its reviewer finished or returned it' }),
};

const recordingFactsSchema = z
  .strictObject({
    started_at: time,
    duration_ms: z.int().nullable(),
    direction: text.nullable(),
    language: text.nullable(),
    from_masked: text.nullable(),
    to_masked: text.nullable(),
    agent: text.nullable(),
    queue: text.nullable(),
    ticket: text.nullable(),
    basis_kind: text,
    sensitivity: text,
    state,
    objects: z.array(text),
  })
  .nullable()
  .openapi('RecordingFacts', { description: 'null once the recording is erased' });

export const grantSchema = z.strictObject(grantFields).openapi('Grant');

export const grantViewSchema = z
  .strictObject({
    ...grantFields,
    requester_name: text.nullable().openapi({ description: 'of the grant’s holder' }),
    revoked: z
      .strictObject({ at: time, by: z.strictObject({ id: text, name: text.nullable() }), reason: text.nullable() })
      .nullable(),
    recording_facts: recordingFactsSchema,
  })
  .openapi('GrantView');

const requestFields = {
  id: text,
  recording: text,
  requester: text,
  purpose: text,
  objects: z.array(text).openapi({ description: 'as requested: the grant may have fewer' }),
  minutes: z.int().openapi({ description: 'as requested: the grant may have fewer' }),
  state,
  created: time,
  expires: time,
  approvals_needed: z.int(),
};

export const accessRequestSchema = z
  .strictObject({ ...requestFields, grant: grantSchema.nullable() })
  .openapi('AccessRequest');

export const manyRequestedSchema = z
  .strictObject({
    data: z.array(
      z.strictObject({
        recording: text,
        request: text.nullable(),
        code: text.nullable().openapi({ description: 'why there is no request' }),
      }),
    ),
  })
  .openapi('ManyRequested', { description: 'in the order of the recordings’ ids' });

const requestViewFields = {
  ...requestFields,
  grant: grantViewSchema.nullable(),
  requester_name: text.nullable(),
  reason: text,
  ticket: text.nullable(),
  decisions: z.array(
    z.strictObject({
      approver: text,
      approver_name: text.nullable(),
      decision: text,
      at: time,
      reason: text.nullable(),
      minutes: z.int().nullable().openapi({ description: 'minutes approved; null for all requested' }),
      objects: z.array(text).nullable(),
    }),
  ),
  recording_facts: recordingFactsSchema,
};

export const accessRequestViewSchema = z
  .strictObject({
    ...requestViewFields,
    same_number: z.int().nullable().openapi({
      description:
        'the same for requests of this page whose calls had the same other party; null where no other had it',
    }),
  })
  .openapi('AccessRequestView');

export const oneAccessRequestSchema = z
  .strictObject({
    ...requestViewFields,
    requester_use: z
      .strictObject({
        asked_30d: z.int(),
        approved_30d: z.int(),
        denied_30d: z.int(),
        sessions_today: z.int(),
        seconds_today: z.int(),
      })
      .openapi({ description: 'requests of 30 days, sessions of the last 24 hours' }),
    checks: checksSchema
      .nullable()
      .openapi({ description: 'of a decision by the caller; null for callers who cannot decide' }),
  })
  .openapi('OneAccessRequest');

export const accessAnswerSchema = z
  .strictObject({
    allowed: z.boolean(),
    code: text.nullable().openapi({ description: 'of the first failed check' }),
    checks: checksSchema,
    request: text.nullable(),
    grant: text.nullable(),
    batch: text.nullable().openapi({ description: 'that assigned the grant' }),
    deciders: z
      .array(z.strictObject({ id: text, name: text.nullable() }))
      .openapi({ description: 'people who can approve and have not decided yet, at most 20' }),
    next: z.enum(['listen', 'ask', 'wait', 'none']).openapi({ description: 'the caller’s next step' }),
  })
  .openapi('AccessAnswer');
