// Schemas of decoded events: the tenant’s log, and the activity of one recording.
import { z } from '@hono/zod-openapi';
import { ms, text, time } from './shapes.ts';

const namedReference = z.strictObject({ id: text, type: text, name: text.nullable() });

export const activitySchema = z
  .strictObject({
    data: z.array(
      z
        .strictObject({
          index: z.int(),
          at: time
            .nullable()
            .openapi({ description: 'null, like all following members, where the leaf cannot be parsed' }),
          actor: namedReference.extend({ auth: text.nullable() }).nullable(),
          action: text.nullable(),
          outcome: text.nullable(),
          object: z.looseObject({ type: text, id: text }).nullable(),
          detail: z.looseObject({}).nullable(),
          detail_state: z.enum(['none', 'opened', 'erased', 'sealed', 'differs']),
          leaf: text.openapi({ description: 'the exact bytes, base64' }),
          hash: text.openapi({ description: 'SHA-256 of a zero byte and the leaf, base64' }),
        })
        .openapi('ActivityEvent'),
    ),
    next_cursor: text.nullable(),
    log: text.openapi({ description: 'the log’s name, as in every leaf' }),
    names: z.record(text, text).openapi({ description: 'of the people and services in these events' }),
    recordings: z
      .record(
        text,
        z.strictObject({
          started_at: time,
          direction: text.nullable(),
          from_masked: text.nullable(),
          to_masked: text.nullable(),
          agent: text.nullable(),
          queue: text.nullable(),
        }),
      )
      .openapi({
        description:
          'the recordings in these events, by id, with masked numbers; without erased ones, and empty while the tenant is suspended, its key is unavailable or its log is held',
      }),
    looked: z
      .strictObject({ newest: z.int(), oldest: z.int(), since: time.nullable() })
      .nullable()
      .openapi({ description: 'the examined events, by index: with a filter, one reply examines some thousands' }),
  })
  .openapi('Activity');

export const recordingActivitySchema = z
  .strictObject({
    data: z.array(
      z.strictObject({
        index: z.int(),
        at: time,
        action: text,
        outcome: text,
        actor: z.strictObject({ id: text, type: text, name: text.nullable() }),
        purpose: text.nullable(),
        grant: text.nullable(),
        session: text.nullable(),
        heard_ms: ms.nullable().openapi({ description: 'milliseconds of the call that were served to a session' }),
        seconds: z.int().nullable().openapi({ description: 'duration of a session' }),
        reason_code: text.nullable(),
      }),
    ),
    next_cursor: text.nullable(),
  })
  .openapi('RecordingActivity');

export const checkpointSchema = z
  .strictObject({ size: z.int(), note: text.openapi({ description: 'a C2SP tlog-checkpoint, as a signed note' }) })
  .openapi('Checkpoint');

export const anchorSchema = z
  .strictObject({
    state: z.enum(['none', 'current', 'behind', 'differs', 'unavailable']).openapi({
      description:
        'none: this process knows no anchor; current: it has the newest checkpoint; behind: an older one or none, or events have waited long for a checkpoint; differs: one of other events at this size; unavailable: it could not be read',
    }),
    size: z.int().nullable().openapi({ description: 'the number of events that the checkpoint in the anchor covers' }),
    until: time.nullable().openapi({ description: 'when the last of these events was written' }),
  })
  .openapi('Anchored');

export const eventSchema = z
  .strictObject({
    log: text,
    index: z.int(),
    leaf: text.openapi({ description: 'the exact bytes, base64' }),
    hash: text.openapi({ description: 'SHA-256 of a zero byte and the leaf, base64' }),
  })
  .openapi('Event');
