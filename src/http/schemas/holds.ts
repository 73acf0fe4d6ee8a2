// Schemas of legal holds.
import { z } from '@hono/zod-openapi';
import { canonicalLanguage } from '../../bytes/language-tag.ts';
import { MAX_COVERED, MAX_HOLD_REFERENCE, MAX_HOLD_TITLE } from '../../model/hold.ts';
import { readableText } from '../readable-text.ts';
import { anyTime, recordingId, state, text, time } from './shapes.ts';

const term = z.string().min(1).max(128);
const longTerm = z.string().min(1).max(255);

const recordings = z.array(recordingId).min(1).max(MAX_COVERED);

const query = z
  .strictObject({
    number: term.optional(),
    number_end: z
      .string()
      .regex(/^\d{4}$/, 'four_digits')
      .optional(),
    agent: term.optional(),
    queue: term.optional(),
    ticket: term.optional(),
    call_id: longTerm.optional(),
    interaction: longTerm.optional(),
    fields: z.record(z.string().max(32), z.string().min(1).max(256)).optional(),
    from: anyTime.optional(),
    to: anyTime.optional(),
    direction: z.enum(['inbound', 'outbound', 'internal']).optional(),
    language: z
      .string()
      .max(64)
      .transform((tag, c) => {
        const canonical = canonicalLanguage(tag);
        if (canonical === null) c.addIssue({ code: 'custom', message: 'language_tag' });
        return canonical ?? '';
      })
      .optional(),
  })
  .openapi({ description: 'as in a search; all members must match; an empty one matches every recording' });

const said = {
  reference: readableText(z.string().trim().min(1).max(MAX_HOLD_REFERENCE)),
  title: readableText(z.string().trim().min(1).max(MAX_HOLD_TITLE)),
  review: anyTime.openapi({ description: 'when to look whether the hold is still needed' }),
};

/** A hold to place: of a list, or by a query. */
export const holdBody = z
  .strictObject({
    ...said,
    recordings: recordings.optional(),
    query: query.optional(),
    continuing: z
      .boolean()
      .optional()
      .openapi({ description: 'of a query: whether recordings that match later are covered too; default: false' }),
  })
  .refine(({ recordings: listed, query: rule }) => (listed === undefined) !== (rule === undefined), {
    message: 'list_or_query',
  })
  .refine(({ query: rule, continuing }) => rule !== undefined || continuing !== true, {
    path: ['continuing'],
    message: 'only_of_query',
  });

/** Recordings to add to a hold. */
export const addToHoldBody = z.strictObject({ recordings });

export const holdSchema = z
  .strictObject({
    id: text,
    state: state.openapi({ description: '`placing`: not all recordings are covered yet, and nothing is erased' }),
    reference: text.nullable().openapi({ description: 'null where the entry that has it is lost' }),
    title: text.nullable(),
    review: time,
    continuing: z.boolean(),
    rule: z
      .strictObject({
        from: time.optional(),
        to: time.optional(),
        direction: text.optional(),
        language: text.optional(),
        by: z.array(text).openapi({ description: 'the names of all that it looks at; values are stored as indexes' }),
      })
      .nullable()
      .openapi({ description: 'null for a list' }),
    recordings: z.int().openapi({ description: 'that it was ever about' }),
    held: z.int().openapi({ description: 'that it holds now' }),
    uncovered: z.int().openapi({ description: 'of these: held, and their entry is not written yet' }),
    placed: time,
    placed_by: text,
    placed_by_name: text.nullable(),
    lifted: time.nullable(),
    lifted_by: text.nullable(),
    lifted_by_name: text.nullable(),
    damaged: z
      .boolean()
      .openapi({ description: 'its stored entries are damaged: until they are repaired, nothing is erased' }),
  })
  .openapi('Hold');

export const heldRecordingSchema = z
  .strictObject({
    recording: text,
    covered: z.boolean().openapi({ description: 'whether its entry is written; it is held in either case' }),
    lifted: z.boolean(),
  })
  .openapi('HeldRecording');
