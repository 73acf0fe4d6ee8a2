// Schema of the answer to a recorded person.
import { z } from '@hono/zod-openapi';
import { REFUSAL_GROUNDS, SUBJECT_KINDS, SUBJECT_OUTCOMES, SUBJECT_RELATIONS } from '../../model/subject/request.ts';

const text = z.string();
const time = z.string();
const count = z.number().int();

const heardSchema = z.object({
  at: time,
  purpose: text,
  role: text.nullable().openapi({ description: 'of the listener; null where it is not known' }),
  heard_ms: count
    .nullable()
    .openapi({ description: 'null where it is not known: a transcript, or a session that is open' }),
});

const recordingSchema = z.object({
  recording: text,
  began: time,
  direction: text.nullable(),
  duration_ms: count.nullable(),
  basis: text,
  withdrawn: z.boolean(),
  has: z.array(text),
  until: time.nullable(),
  rule: z.object({ name: text, law: text.nullable() }).nullable(),
  held: z.boolean(),
  heard: z.array(heardSchema),
  outcome: z.enum(SUBJECT_OUTCOMES),
  done: time.nullable(),
  not_done: z
    .array(z.enum(['erase', 'copy', 'rectify', 'restrict']))
    .openapi({ description: 'what was asked of it and is not done' }),
});

/** The answer. */
export const subjectAnswerSchema = z.object({
  v: z.literal(1),
  request: text,
  organisation: text,
  contact: text.nullable(),
  time_zone: text,
  made: time,
  draft: z.boolean().openapi({ description: 'whether it can still change' }),
  received: time,
  asked: z.array(z.enum(SUBJECT_KINDS)),
  copies: z.boolean(),
  relation: z.enum(SUBJECT_RELATIONS),
  rejected: z.object({ ground: z.enum(REFUSAL_GROUNDS), reason: text }).nullable(),
  words: z.object({ en: text.optional(), 'zh-CN': text.optional() }),
  summary: z
    .object({
      recordings: count,
      heard: z.object({
        times: count,
        last: time.nullable(),
        purposes: z.array(z.object({ purpose: text, times: count })),
      }),
      outcomes: z.object(Object.fromEntries(SUBJECT_OUTCOMES.map((outcome) => [outcome, count.optional()]))),
      erased: count,
      later_until: time.nullable(),
    })
    .nullable()
    .openapi({ description: 'null where nothing was found, and of a rejection' }),
  backups_until: text.nullable().openapi({ description: 'the last day on which backups can have what is erased' }),
  recordings: z.array(recordingSchema),
  language: z.enum(['en', 'zh-CN']),
  paragraphs: z.array(text).openapi({ description: 'the answer in a few sentences, in `language`' }),
});
