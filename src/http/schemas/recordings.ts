// Schemas of recordings.
import { z } from '@hono/zod-openapi';
import { KEPT_REASONS } from '../../model/accepted-facts.ts';
import { accessStateSchema } from './access.ts';
import { listOf, state, text, time } from './shapes.ts';

export const recordingSchema = z
  .strictObject({
    id: text,
    state,
    quarantine: z.array(text),
    started_at: time,
    duration_ms: z.int().nullable(),
    direction: text.nullable(),
    channels: z.int().nullable(),
    language: text.nullable(),
    sensitivity: text,
    from: text.nullable().openapi({ description: 'null for signed-in people: see from_masked' }),
    to: text.nullable(),
    from_masked: text.nullable().openapi({ description: 'like 138****5678' }),
    to_masked: text.nullable(),
    agent: text.nullable(),
    queue: text.nullable(),
    ticket: text.nullable(),
    interaction: text.nullable().openapi({ description: 'the contact that this leg is part of' }),
    wrap_up: text.nullable(),
    fields: z.record(text, text),
    source: text.nullable(),
    call_id: text.nullable(),
    leg: text.nullable(),
    file_name: text.nullable(),
    basis: z
      .strictObject({
        kind: text,
        at: time.optional(),
        language: text.optional(),
        evidence: text.optional(),
        notice: z.strictObject({ id: text, version: z.int() }).optional(),
        channel: text.optional().openapi({ description: 'how it was given or taken' }),
        offset_ms: z.int().optional().openapi({ description: 'where it is heard in the audio' }),
        separate: z.boolean().optional().openapi({ description: 'whether it is separate consent to sensitive data' }),
        withdrawn: z
          .strictObject({ at: time, purposes: z.array(text) })
          .optional()
          .openapi({ description: 'consent was withdrawn; without purposes, for all' }),
        defaulted: z.boolean().optional().openapi({ description: 'the call named none: the tenant’s default' }),
        notice_unknown: z.boolean().optional().openapi({ description: 'no such notice existed when it was stored' }),
      })
      .nullable(),
    objects: z.array(z.strictObject({ name: text, deposit: text, verified_at: time.nullable() })),
    access: accessStateSchema,
  })
  .openapi('Recording');

export const foundRecordingsSchema = listOf(recordingSchema, {
  complete: z.boolean().openapi({
    description: 'false while a search by call_id or fields may not find older recordings; it becomes true by itself',
  }),
});

export const oneRecordingSchema = recordingSchema
  .extend({
    version: z.int().openapi({ description: 'the number in the ETag' }),
    retain_until: time.nullable(),
    restricted: z
      .strictObject({ at: time, ground: text, request: text.optional() })
      .nullable()
      .openapi({ description: 'heard for legal and subject-request alone; null: not restricted' }),
    pauses: z
      .array(z.strictObject({ start_ms: z.int(), end_ms: z.int(), reason: text }))
      .openapi({ description: 'what was not recorded; start and end are equal where the recorder cut it out' }),
    events: z.record(text, time),
    correctable: z.array(text).openapi({ description: 'the facts that the caller may correct' }),
  })
  .openapi('OneRecording');

export const namesSchema = z
  .strictObject({
    data: z.array(text),
    complete: z.boolean().openapi({ description: 'false where there are more names than were examined' }),
  })
  .openapi('Names');

export const describedSchema = z.strictObject({ recording: text }).openapi('Described');

const keptFacts = z.array(z.strictObject({ member: text, reason: z.enum(KEPT_REASONS) }));

export const depositedSchema = z
  .strictObject({
    recording: text,
    deposit: text,
    object: text,
    size: z.int().openapi({ description: 'bytes' }),
    sha256: text.openapi({ description: 'hex, of the received bytes' }),
    kept: keptFacts
      .optional()
      .openapi({ description: 'metadata that the upload did not set, and why; absent where it set all' }),
  })
  .openapi('Deposited');

const nullable = (description: string) => ({ type: ['string', 'null'] as ('string' | 'null')[], description });

/** Members of facts v1; `readFactsPatch` validates them. */
export const factsPatchSchema = z.record(z.string(), z.unknown()).openapi('FactsPatch', {
  description: 'Members of facts; null removes one',
  properties: {
    as_of: { type: 'string', format: 'date-time', description: 'since when this is true; by default the receipt' },
    started_at: { type: 'string', format: 'date-time', description: 'added where it is not known, never changed' },
    direction: nullable('inbound, outbound or internal'),
    numbers: { type: ['object', 'null'], description: 'from and to' },
    agent: nullable('up to 128 characters, as queue and ticket'),
    queue: nullable(''),
    ticket: nullable(''),
    file_name: nullable(''),
    language: nullable('BCP 47'),
    sensitivity: nullable('normal or sensitive'),
    basis: {
      type: 'object',
      description:
        'kind, at, language, evidence, notice (id and version), channel, offset_ms, separate; only where there is none, or the default',
    },
    notes: nullable('up to 4,000 characters'),
    interaction: nullable('the contact that this leg is part of'),
    wrap_up: nullable('up to 256 characters'),
    pauses: { type: ['array', 'null'], items: { type: 'object' }, description: 'start_ms, end_ms, reason' },
    fields: { type: ['object', 'null'], description: 'your own texts by name, at most 32' },
    events: { type: ['object', 'null'], description: 'times by name, such as the end of a contract' },
    retain_until: { type: 'string', format: 'date-time', description: 'only later than before' },
  },
});

export const amendedCallSchema = z
  .strictObject({
    recording: text,
    state,
    set: z.array(text).openapi({ description: 'what counts of the patch: a name, or numbers/from' }),
    kept: keptFacts.openapi({ description: 'what of the patch was not set, and why it stays as it was' }),
  })
  .openapi('AmendedCall');

export const ownCallSchema = z
  .strictObject({
    data: z.array(
      z.strictObject({
        recording: text,
        leg: text,
        state,
        objects: z.array(
          z.strictObject({
            name: text,
            deposit: text,
            size: z.int(),
            sha256: text.nullable(),
            verified_at: time.nullable(),
          }),
        ),
      }),
    ),
    complete: z
      .boolean()
      .openapi({ description: 'false: legs that an earlier version stored may be missing; it becomes true by itself' }),
  })
  .openapi('OwnCall');
