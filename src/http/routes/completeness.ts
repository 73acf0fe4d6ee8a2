// Routes of call lists, of the counts that follow from them, and of the calls behind a count.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { VaultError } from '../../errors.ts';
import { TEXT_FORMS } from '../../model/fact-forms.ts';
import { MOST_DAYS } from '../../model/listing.ts';
import { CALLS_OF, type CallOfCount, listCalls } from '../../vault/completeness/list-calls.ts';
import { type DayCounts, readCompleteness } from '../../vault/completeness/read-counts.ts';
import { takeCallList } from '../../vault/completeness/take-list.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type Env, requestOf } from '../context.ts';
import { createRouter, queryIn, serve } from '../endpoint.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import { bodyOf, mediaType } from '../request-body.ts';
import { completenessSchema, countedCallSchema, takenListSchema } from '../schemas/completeness.ts';
import { jsonReply, listOf, pages } from '../schemas/shapes.ts';

const LIST_TYPES = ['text/csv'] as const;

const source = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => TEXT_FORMS['source']?.(name) === null, 'source_name');
const listQuery = z.object({ source: source.openapi({ description: 'the system whose calls these are' }) });
const days = {
  from: z.iso.date().openapi({ description: 'the first day, in the tenant’s time zone' }),
  to: z.iso.date().openapi({ description: 'the last day' }),
};
const countsQuery = z.object({
  ...days,
  source: source.optional(),
  by: z.enum(['day', 'queue']).default('day').openapi({ description: 'what a count is of' }),
});
const callsQuery = z.object({
  ...{
    ...days,
    source,
    queue: z.string().max(128).optional(),
    what: z.enum(CALLS_OF).openapi({ description: 'the count' }),
  },
  ...pages(200, 50),
});

/** Call lists are sent where calls are deposited. */
export function callListRoutes(vault: Vault) {
  const app = createRouter('completeness');
  const oneAtATime = onePerTenant();
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/call-lists',
      repeated: 'once',
      operationId: 'sendCallList',
      summary:
        'Send a list of calls that must be recorded, as CSV of any length; sending the same list again changes nothing',
      action: 'call-list.send',
      audit: ['recording.listed', 'recording.amended'],
      // Its call ids are the sender's own.
      looksUp: 'none',
      upload: { types: LIST_TYPES, metadata: false, of: 'list' },
      refuses: ['source_taken', 'lists_of_another'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Taken, line by line; rejected lines are counted and named', takenListSchema) },
    },
    async (c) => {
      mediaType(c, LIST_TYPES);
      const wanted = { source: queryIn(c, listQuery).source, bytes: wholeBody(c) };
      const caller = c.get('caller');
      const taken = await oneAtATime(caller.tenant, () => takeCallList(vault, caller, wanted, requestOf(c)));
      const { receipt, errors, startOffset, endedAt, ...counts } = taken;
      const named = errors.map(({ columns, ...one }) => ({
        ...one,
        columns: columns.map(({ pointer, detail }) => ({ column: pointer, detail })),
      }));
      const found = { ...counts, errors: named, start_offset: startOffset, ended_at: endedAt };
      return json(found, 200, receipt);
    },
  );
  return app;
}

/** Seconds after which a list is sent again while another one is taken. */
const BUSY_S = 20;

/** Runs `take` unless this process takes another list of the tenant. Then throws `upload_in_progress`. */
function onePerTenant() {
  const busy = new Set<string>();
  return async <T>(tenant: string, take: () => Promise<T>): Promise<T> => {
    if (busy.has(tenant))
      throw new VaultError('upload_in_progress', 'the vault takes another call list of the tenant', {
        retryAfter: BUSY_S,
      });
    busy.add(tenant);
    try {
      return await take();
    } finally {
      busy.delete(tenant);
    }
  };
}

/** A body that ends early throws `body_cut` before its last line is read: it may be part of one. */
async function* wholeBody(c: Context<Env>): AsyncGenerator<Uint8Array> {
  const body = bodyOf(c, Number.MAX_SAFE_INTEGER);
  yield* body.bytes;
  if (!body.whole()) throw new VaultError('body_cut', 'the body ended before its end');
}

export function completenessRoutes(vault: Vault) {
  const app = createRouter('completeness');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/completeness',
      operationId: 'readCompleteness',
      summary: 'Count what call lists ask for and what there is, by source and day, and by queue',
      action: 'completeness.read',
      audit: ['catalogue.read'],
      request: { query: countsQuery },
      responses: { 200: jsonReply('Days without calls are left out', completenessSchema) },
    },
    async (c) => {
      const query = queryIn(c, countsQuery);
      requireDays(query);
      const wanted = { ...query, source: query.source ?? null };
      const found = await readCompleteness(vault, c.get('caller'), wanted, requestOf(c));
      const { sources, senders, timeZone, complete } = found;
      return json({ data: found.counts.map(countsToJson), sources, senders, time_zone: timeZone, complete });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/completeness/calls',
      operationId: 'listCountedCalls',
      summary: 'List the calls behind a count',
      action: 'completeness.read',
      audit: ['catalogue.read'],
      request: { query: callsQuery },
      responses: { 200: jsonReply('In order of their start', listOf(countedCallSchema)) },
    },
    async (c) => {
      const { cursor, limit, queue, ...query } = queryIn(c, callsQuery);
      requireDays(query);
      const [startedAt, id] = decodeCursor(cursor, 2) ?? [];
      const after = startedAt === undefined || id === undefined ? null : { startedAt, id };
      const wanted = { ...query, queue: queue ?? null };
      const found = await listCalls(vault, c.get('caller'), wanted, after, limit + 1, requestOf(c));
      const { shown, last } = pageOf(found, limit);
      return list(shown.map(callToJson), last === null ? null : encodeCursor(last.startedAt, last.id), c.req.url);
    },
  );
  return app;
}

/** Throws `malformed` for days in the wrong order, and for too many. */
function requireDays({ from, to }: { readonly from: string; readonly to: string }): void {
  const count = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (count >= 1 && count <= MOST_DAYS) return;
  const detail = count < 1 ? 'must not be before from' : `must be at most ${MOST_DAYS} days, from included`;
  throw new VaultError('malformed', 'the request is not valid', { fields: [{ pointer: '?to', detail }] });
}

function countsToJson({ hasList, delayP50, delayP95, ...counts }: DayCounts): object {
  const inMs = (seconds: number | null) => (seconds === null ? null : seconds * 1000);
  return { ...counts, has_list: hasList, delay_p50_ms: inMs(delayP50), delay_p95_ms: inMs(delayP95) };
}

function callToJson(call: CallOfCount): object {
  const { id, callId, leg, startedAt, expectedMs, durationMs, audioDue, listedAt, ...rest } = call;
  return {
    ...{ ...rest, recording: id, call_id: callId ?? null, leg: leg ?? null, started_at: startedAt },
    ...{ expected_ms: expectedMs, duration_ms: durationMs, listed_at: listedAt, audio_due: audioDue },
  };
}
