// Schemas of assignments: what is checked, signed and assigned, batches with their progress, and a reviewer's queue.
import { z } from '@hono/zod-openapi';
import { MOST_DECISIONS } from '../../model/log/proof.ts';
import { checksSchema, grantViewSchema } from './access.ts';
import { noteText, objectNames, proofSchema } from './decisions.ts';
import { state, text, time } from './shapes.ts';

const id = z.string().max(64);
const due = z.iso.datetime().openapi({ description: 'the latest first listen: 31 days ahead at most' });
const objects = objectNames.default(['audio']);
const insteadOf = id.optional().openapi({ description: 'an assigned grant that this one replaces' });
const minutes = z.number().int().min(1).max(10_000);

const what = { purpose: z.string().max(64), objects };

export const checkBatchBody = z.strictObject({
  grants: z
    .array(z.strictObject({ recording: id, reviewer: id.optional(), instead_of: insteadOf }))
    .min(1)
    .max(MOST_DECISIONS),
  reviewers: z
    .array(id)
    .max(MOST_DECISIONS)
    .default([])
    .openapi({ description: 'recordings without a reviewer are split evenly among these' }),
  ...what,
  due: due.optional(),
});

export const openBatchBody = z.strictObject({
  grants: z
    .array(z.strictObject({ recording: id, reviewer: id, instead_of: insteadOf }))
    .min(1)
    .max(MOST_DECISIONS),
  ...what,
  due,
});

export const assignBody = z.strictObject({
  grants: z
    .array(z.strictObject({ id, recording: id, reviewer: id, minutes, instead_of: insteadOf }))
    .min(1)
    .max(MOST_DECISIONS)
    .openapi({ description: 'as the options have them, in this order' }),
  ...what,
  due,
  reason: noteText.openapi({ description: 'each reviewer sees it' }),
  proof: proofSchema,
});

export const withdrawBody = z.strictObject({
  person: id.optional().openapi({ description: 'only what this reviewer has of it' }),
  reason: noteText.optional(),
});

export const returnBody = z.strictObject({ reason: noteText.openapi({ description: 'who assigned it sees it' }) });

const person = z.strictObject({ id: text, name: text.nullable() });

export const reviewerSchema = z
  .strictObject({
    id: text,
    name: text.nullable(),
    trained_until: text.nullable().openapi({ description: 'the last day on which their training counts' }),
    open: z.int().openapi({ description: 'assigned calls that are not finished' }),
  })
  .openapi('Reviewer');

export const checkedBatchSchema = z
  .strictObject({
    policy: text,
    grants: z
      .array(
        z.strictObject({
          recording: text,
          reviewer: text.nullable(),
          minutes: z.int().nullable(),
          code: text.nullable().openapi({ description: 'of the first failed check; null where it can be assigned' }),
          instead_of: text.nullable(),
        }),
      )
      .openapi({ description: 'by start of the call' }),
    reviewers: z.array(
      z.strictObject({
        id: text,
        name: text.nullable(),
        calls: z.int(),
        minutes: z.int().openapi({ description: 'of their calls' }),
        trained_until: text.nullable(),
        code: text.nullable().openapi({ description: 'where they can get none of their calls' }),
      }),
    ),
    checks: checksSchema,
  })
  .openapi('CheckedBatch');

export const openedBatchSchema = z
  .strictObject({
    challenge_id: text,
    options: z.looseObject({ challenge: text }).openapi({ description: 'WebAuthn level 3, as JSON' }),
    grants: z
      .array(
        z.strictObject({ id: text, recording: text, reviewer: text, minutes: z.int(), instead_of: text.optional() }),
      )
      .openapi({ description: 'what the passkey signs, in this order: send it unchanged' }),
    purpose: text,
    objects: z.array(text),
    due: time,
    refused: z
      .array(z.strictObject({ recording: text, reviewer: text, code: text }))
      .openapi({ description: 'not possible now, and not signed' }),
  })
  .openapi('OpenedBatch');

export const assignedSchema = z
  .strictObject({
    id: text,
    state,
    purpose: text,
    objects: z.array(text),
    due: time,
    created: time,
    outcomes: z.array(
      z.strictObject({
        grant: text,
        recording: text,
        reviewer: text,
        outcome: z.enum(['assigned', 'refused']),
        code: text.nullable().openapi({ description: 'of the first failed check; null where it was assigned' }),
      }),
    ),
  })
  .openapi('AssignedBatch');

const totals = { total: z.int(), done: z.int(), returned: z.int(), expired: z.int(), open: z.int() };

const batchFields = {
  id: text,
  state,
  purpose: text,
  objects: z.array(text),
  reason: text.nullable(),
  due: time,
  created: time,
  maker: person,
  closed: time.nullable(),
  totals: z.strictObject(totals).openapi({ description: 'without revoked grants' }),
  reviewers: z.array(
    z.strictObject({
      id: text,
      name: text.nullable(),
      trained_until: text.nullable(),
      ...totals,
      minutes: z.int().openapi({ description: 'of calls, that were sent' }),
    }),
  ),
};

const work = z.strictObject({
  state: z.enum(['open', 'started', 'done', 'returned', 'expired', 'revoked']),
  at: time.nullable(),
  reason: text.nullable().openapi({ description: 'of a return' }),
  heard_percent: z.int().nullable(),
});

export const batchSchema = z.strictObject(batchFields).openapi('Batch');
export const batchViewSchema = z
  .strictObject({ ...batchFields, grants: z.array(grantViewSchema.extend({ work })) })
  .openapi('BatchView');

export const withdrawnSchema = z
  .strictObject({ id: text, state, data: z.array(z.strictObject({ id: text, state })) })
  .openapi('WithdrawnBatch');

export const queueItemSchema = grantViewSchema
  .extend({
    // In place of the id that other grants have.
    batch: z.strictObject({ id: text, maker: person, reason: text.nullable(), due: time, created: time }).nullable(),
    work,
  })
  .openapi('AssignedCall');

const dayUse = z.strictObject({ used: z.int(), limit: z.int().nullable() });

export const queueTotals = {
  totals: z
    .strictObject({ ...totals, due: time.nullable() })
    .openapi({ description: 'of the caller’s grants in batches that are open' }),
  today: z.strictObject({ sessions: dayUse, minutes: dayUse }),
};
