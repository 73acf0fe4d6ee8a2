// Schemas of subject requests.
import { z } from '@hono/zod-openapi';
import { MAX_NOTE } from '../../model/change/body.ts';
import {
  MAX_MATCHES,
  MAX_NUMBERS,
  MAX_SUBJECT_TEXT,
  MOST_COPY_HOURS,
  MOST_DOWNLOADS,
  REFUSAL_GROUNDS,
  SUBJECT_CHANNELS,
  SUBJECT_KINDS,
  SUBJECT_OUTCOMES,
  SUBJECT_RELATIONS,
  USUAL_DOWNLOADS,
} from '../../model/subject/request.ts';
import { readableText } from '../readable-text.ts';
import { anyTime, recordingId, state, text, time } from './shapes.ts';

const words = readableText(z.string().trim().min(1).max(MAX_SUBJECT_TEXT));
const reason = readableText(z.string().trim().min(3).max(MAX_NOTE));

/** A request to open. */
export const subjectBody = z.strictObject({
  kinds: z
    .array(z.enum(SUBJECT_KINDS))
    .min(1)
    .max(SUBJECT_KINDS.length)
    .transform((given) => SUBJECT_KINDS.filter((kind) => given.includes(kind)))
    .openapi({ description: '`withdraw` also withdraws consent at once' }),
  received: anyTime.optional().openapi({ description: 'when it came; by default now' }),
  person: z
    .strictObject({
      numbers: z
        .array(z.string().trim().min(1).max(128))
        .max(MAX_NUMBERS)
        .transform((given) => [...new Set(given)])
        .default([]),
      fields: z
        .record(z.string().max(32), z.string().min(1).max(256))
        .default({})
        .openapi({ description: 'values of fields that the tenant searches by' }),
      name: readableText(z.string().trim().min(1).max(200)).optional(),
      relation: z.enum(SUBJECT_RELATIONS).default('self'),
      channel: z.enum(SUBJECT_CHANNELS).default('other'),
      asks: words.optional(),
      copies: z.boolean().default(false),
      language: z.enum(['en', 'zh-CN']).default('en').openapi({ description: 'of the answer' }),
    })
    .refine(({ numbers, fields }) => numbers.length + Object.keys(fields).length > 0, {
      path: ['numbers'],
      message: 'required',
    }),
});

/** How the person's identity was checked. */
export const identityBody = z.strictObject({ how: reason });

/** Which calls a search looks at. */
export const searchBody = z
  .strictObject({ from: anyTime.optional(), to: anyTime.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'after_from',
  });

/** Why the answer needs more time. */
export const extensionBody = z.strictObject({ reason });

/** What becomes of the recordings, or why the request is rejected. */
export const subjectDecisionBody = z
  .strictObject({
    outcomes: z
      .array(z.strictObject({ recording: recordingId, outcome: z.enum(SUBJECT_OUTCOMES) }))
      .max(MAX_MATCHES)
      .default([])
      .openapi({ description: 'of recordings whose outcome is other than suggested' }),
    words: z
      .strictObject({ en: words.optional(), 'zh-CN': words.optional() })
      .default({})
      .openapi({ description: 'to add to the answer' }),
    refusal: z.strictObject({ ground: z.enum(REFUSAL_GROUNDS), reason: words }).optional(),
    copies: z
      .strictObject({
        officer: z.string().max(64).optional().openapi({ description: 'a privacy officer; by default the proposer' }),
        hours: z.int().min(1).max(MOST_COPY_HOURS).default(MOST_COPY_HOURS),
        downloads: z.int().min(1).max(MOST_DOWNLOADS).default(USUAL_DOWNLOADS),
      })
      .optional()
      .openapi({
        description: 'who makes the copies, for how many hours once the decision is carried out, and how often',
      }),
    note: reason.openapi({ description: 'to the second person' }),
  })
  .refine(({ outcomes, refusal }) => refusal === undefined || outcomes.length === 0, {
    path: ['outcomes'],
    message: 'none_of_refusal',
  })
  .refine(({ copies, refusal }) => refusal === undefined || copies === undefined, {
    path: ['copies'],
    message: 'none_of_refusal',
  });

/** That the answer was sent. */
export const answeredBody = z.strictObject({});

const outcome = z.enum(SUBJECT_OUTCOMES);

const countsSchema = z.strictObject({
  found: z.int(),
  decided: z.int(),
  done: z.int(),
  outcomes: z.record(text, z.int()),
});

export const subjectSchema = z
  .strictObject({
    id: text,
    kinds: z.array(z.enum(SUBJECT_KINDS)),
    state,
    ...{ created: time, received: time, due: time, extended: time.nullable() },
    ...{ manager: text, manager_name: text.nullable() },
    person: z.strictObject({
      numbers: z.array(text).openapi({ description: 'masked' }),
      fields: z.record(text, text),
      name: text.nullable(),
      relation: text,
      channel: text,
      asks: text.nullable(),
      copies: z.boolean(),
      language: text,
    }),
    identity: z.strictObject({ at: time, how: text, by: text, by_name: text.nullable() }).nullable(),
    searched: time.nullable(),
    withdrawn: z.boolean().openapi({ description: 'whether consent was withdrawn on receipt' }),
    change: z.strictObject({ id: text, state, signed: time.nullable() }).nullable(),
    words: z.strictObject({ en: text.optional(), 'zh-CN': text.optional() }).nullable(),
    refusal: z.strictObject({ ground: text, reason: text }).nullable(),
    recordings: countsSchema,
    copies: z
      .strictObject({ officer: text, officer_name: text.nullable(), until: time, downloads: z.int(), left: z.int() })
      .nullable()
      .openapi({ description: 'who can download the package, until when, and how often still; null: no one' }),
    ended: time.nullable(),
  })
  .openapi('SubjectRequest');

export const subjectRecordingSchema = z
  .strictObject({
    recording: text,
    state,
    began: time.nullable().openapi({ description: 'null where it was erased before its outcome was decided' }),
    direction: text.nullable(),
    queue: text.nullable(),
    duration_ms: z.number().nullable(),
    basis: text.nullable(),
    withdrawn: z.boolean(),
    heard: z.strictObject({ times: z.int(), last: time.nullable() }),
    keep_until: time.nullable().openapi({ description: 'until when it stays; null: it does not expire' }),
    kept_by: text.nullable(),
    holds: z.array(text),
    restricted: z.boolean(),
    suggested: outcome.nullable(),
    possible: z.array(outcome),
    outcome: outcome.nullable(),
    done: time.nullable(),
    blocked: text.nullable(),
  })
  .openapi('SubjectRecording');
