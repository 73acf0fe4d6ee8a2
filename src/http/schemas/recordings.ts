// Schemas of recordings.
import { z } from '@hono/zod-openapi';
import { accessStateSchema } from './access.ts';
import { state, text, time } from './shapes.ts';

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
        defaulted: z.boolean().optional(),
      })
      .nullable(),
    objects: z.array(z.strictObject({ name: text, deposit: text, verified_at: time.nullable() })),
    access: accessStateSchema,
  })
  .openapi('Recording');

export const namesSchema = z
  .strictObject({
    data: z.array(text),
    complete: z.boolean().openapi({ description: 'false where there are more names than were examined' }),
  })
  .openapi('Names');

export const describedSchema = z.strictObject({ recording: text }).openapi('Described');

export const depositedSchema = z
  .strictObject({
    recording: text,
    deposit: text,
    object: text,
    size: z.int().openapi({ description: 'bytes' }),
    sha256: text.openapi({ description: 'hex, of the received bytes' }),
  })
  .openapi('Deposited');
