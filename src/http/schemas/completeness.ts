// Schemas of call lists, and of how complete the recordings are that they ask for.
import { z } from '@hono/zod-openapi';
import { DIFFERING } from '../../model/recording.ts';
import { ms, text, time } from './shapes.ts';

const count = z.int().min(0);
const day = z.iso.date();

/** What a list led to. */
export const takenListSchema = z
  .strictObject({
    lines: count.openapi({ description: 'lines with a call, without the header' }),
    created: count.openapi({ description: 'calls that were unknown, and are expected from now on' }),
    updated: count.openapi({ description: 'known calls that are expected from now on, or with other values' }),
    amended: count.openapi({ description: 'of those, calls whose facts the list completed' }),
    unchanged: count.openapi({ description: 'lines that say nothing new' }),
    differing: count.openapi({ description: 'known calls whose agent, queue, direction or start is another one' }),
    rejected: count,
    errors: z
      .array(
        z.strictObject({
          line: z.int().min(1),
          code: z.enum(['malformed', 'metadata_invalid', 'call_key_taken', 'erased']),
          columns: z.array(z.strictObject({ column: text, detail: text })),
        }),
      )
      .openapi({ description: 'at most 100 of the rejected lines' }),
    repeated: count.openapi({ description: 'lines of calls, by call_id and leg, that an earlier line names' }),
    repeats: z
      .array(z.strictObject({ line: z.int().min(1), first: z.int().min(1) }))
      .openapi({ description: 'at most 100 of the repeated lines, each with the first line of its call' }),
    start_offset: text.nullable().openapi({
      description:
        'by which the starts of all stored calls are later in the list, such as +08:00; null where they share none',
    }),
    ended_at: z.int().min(1).nullable().openapi({
      description: 'the line at which the list ended since 1,000 could not be read; those after it were not taken',
    }),
    from: day.nullable().openapi({ description: 'the first day of its calls, in the tenant’s time zone' }),
    to: day.nullable(),
  })
  .openapi('TakenCallList');

const delay = ms.nullable();

/** The counts of one source and day. */
export const dayCountsSchema = z
  .strictObject({
    source: text,
    day,
    queue: text.nullable().optional().openapi({ description: 'by queue alone; null for calls without one' }),
    has_list: z.boolean().openapi({ description: 'false where no list names a call of that day: nothing is extra' }),
    expected: count.openapi({ description: 'calls of lists; stored + pending + failed + missing' }),
    stored: count,
    pending: count.openapi({ description: 'without audio, ended less than an hour ago' }),
    failed: count.openapi({ description: 'without audio; its upload failed' }),
    missing: count,
    short: count.openapi({ description: 'stored, and shorter than listed by more than 2 s and 2 %' }),
    mismatch: count.openapi({ description: 'stored, and agent, queue, direction or start differ from the list' }),
    extra: count.openapi({ description: 'stored, and not listed' }),
    delay_p50_ms: delay.openapi({ description: 'from the end of a call until its audio was stored' }),
    delay_p95_ms: delay,
  })
  .openapi('CompletenessCounts');

export const completenessSchema = z
  .strictObject({
    data: z.array(dayCountsSchema),
    sources: z.array(text).openapi({ description: 'all sources of the tenant that the caller sees' }),
    senders: z
      .array(
        z.strictObject({
          source: text,
          depositor: text
            .nullable()
            .openapi({ description: 'the service that uploads its calls; null before the first' }),
          lists: z.array(text).openapi({ description: 'services that send its lists, and upload no calls' }),
          independent: z.boolean().openapi({ description: 'whether such a service sends them: the depositor cannot' }),
        }),
      )
      .openapi({ description: 'who uploads the calls of each source, and who says which must be there' }),
    time_zone: text,
    complete: z.boolean().openapi({ description: 'false while calls of before an upgrade are not counted yet' }),
  })
  .openapi('Completeness');

/** A call of a count. */
export const countedCallSchema = z
  .strictObject({
    recording: text,
    call_id: text.nullable().openapi({ description: 'null for callers who do not read recordings' }),
    leg: text.nullable(),
    source: text,
    started_at: time,
    queue: text.nullable(),
    expected_ms: ms.nullable(),
    duration_ms: ms.nullable(),
    differs: z.array(z.enum(DIFFERING)),
    listed_at: time.nullable(),
    audio_due: time.nullable().openapi({ description: 'until when the audio may arrive before the call is missing' }),
  })
  .openapi('CountedCall');
