// Schemas of notices, withdrawals of consent and restrictions.
import { z } from '@hono/zod-openapi';
import { canonicalLanguage } from '../../bytes/language-tag.ts';
import { RESTRICTION_GROUNDS } from '../../model/facts.ts';
import { PURPOSES } from '../../model/policy.ts';
import { readableText } from '../readable-text.ts';
import { anyTime, text, time } from './shapes.ts';

/** The longest text of a notice, in UTF-16 code units. */
const MAX_NOTICE_TEXT = 8_000;
/** The longest reason, as of a correction. */
const MAX_REASON = 500;

const reason = readableText(z.string().trim().min(3).max(MAX_REASON)).openapi({
  description: 'sealed beside the event',
});

const languageTag = z
  .string()
  .max(64)
  .transform((tag, c) => {
    const canonical = canonicalLanguage(tag);
    if (canonical === null) c.addIssue({ code: 'custom', message: 'language_tag' });
    return canonical ?? '';
  });

export const noticeBody = z
  .strictObject({
    notice: z
      .string()
      .max(64)
      .optional()
      .openapi({ description: 'the id of a notice: adds its next version; absent: a new notice' }),
    version: z
      .int()
      .min(1)
      .optional()
      .openapi({ description: 'of the notice: adds its text in another language, and no version' }),
    language: languageTag,
    text: readableText(z.string().max(MAX_NOTICE_TEXT)),
  })
  .refine(({ notice, version }) => version === undefined || notice !== undefined, {
    path: ['notice'],
    message: 'required',
  });

export const addedNoticeSchema = z.strictObject({ id: text, version: z.int() }).openapi('AddedNotice');

export const noticeSchema = z
  .strictObject({ id: text, version: z.int(), language: text, created: time, text })
  .openapi('Notice');

export const withdrawalBody = z
  .strictObject({
    number: z.string().trim().min(1).max(128).optional(),
    fields: z
      .record(z.string().max(32), z.string().min(1).max(256))
      .optional()
      .openapi({ description: 'values of fields that the tenant searches by; calls with any of them count' }),
    at: anyTime.optional().openapi({ description: 'of calls that began before; by default now' }),
    purposes: z
      .array(z.enum(PURPOSES))
      .max(PURPOSES.length)
      .transform((given) => [...new Set(given)])
      .default([])
      .openapi({ description: 'by default all' }),
    reason,
  })
  .refine(({ number, fields = {} }) => number !== undefined || Object.keys(fields).length > 0, {
    path: ['number'],
    message: 'required',
  });

export const withdrawnSchema = z.strictObject({ id: text, at: time, purposes: z.array(text) }).openapi('Withdrawn');

export const withdrawalSchema = z
  .strictObject({
    id: text,
    created: time,
    at: time,
    purposes: z.array(text),
    state: z.enum(['running', 'done']).openapi({ description: 'whether it has reached all recordings' }),
  })
  .openapi('Withdrawal');

export const restrictBody = z.strictObject({ ground: z.enum(RESTRICTION_GROUNDS), reason });

export const restrictionSchema = z
  .strictObject({ at: time, ground: text, request: text.optional() })
  .openapi('Restriction');

export const restrictedSchema = z
  .strictObject({ id: text, restricted: restrictionSchema.nullable() })
  .openapi('RestrictedRecording');
