// The calls behind a count: what is missing, failed, pending, short, different or extra, in order of their start.
import { localDaysBetween } from '../../model/local-time.ts';
import type { Caller } from '../../model/principal.ts';
import type { Recording } from '../../model/recording.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import type { CallFilter, CallKind, CallPosition, CallSpan } from '../../ports/rows/completeness-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { openRawFacts, type RawFacts } from '../core/facts/raw-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { inSteps } from './in-steps.ts';
import type { CompletenessQuery } from './read-counts.ts';
import { seesCallIds, visibleCalls, visibleSources } from './visible-calls.ts';

/** What calls are listed for. */
export const CALLS_OF = ['missing', 'failed', 'pending', 'short', 'mismatch', 'extra'] as const;
export type CallsOf = (typeof CALLS_OF)[number];

/** Days, source and queue (empty: calls without one; null: all), and which calls. */
export type CallsQuery = Pick<CompletenessQuery, 'from' | 'to'> & {
  readonly source: string;
  readonly queue: string | null;
  readonly what: CallsOf;
};

/** A call of a count. Without the right to read recordings its id at the platform is absent. */
export type CallOfCount = Pick<
  Recording,
  'id' | 'source' | 'startedAt' | 'expectedMs' | 'durationMs' | 'differs' | 'audioDue' | 'listedAt'
> & {
  readonly callId?: string;
  readonly leg?: string;
  readonly queue: string | null;
};

/** At most `limit` calls after one. Counts as a look at the list of recordings. */
export async function listCalls(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  wanted: CallsQuery,
  after: CallPosition | null,
  limit: number,
  request: RequestContext,
): Promise<readonly CallOfCount[]> {
  const { tenant: id } = by;
  await countEvent(vault, { tenant: id, actor: actorOf(by), action: 'catalogue.read', object: { id } }, request);
  const { tenant, metadataKey } = await activeTenantAndKey(vault, id, request);
  const own = await vault.db.read((rows) => visibleSources(rows, by), request);
  if (own?.includes(wanted.source) === false) return [];
  const page = { ...wanted, by, metadataKey, tenant: id, after, limit };
  const found = await positions(vault, timeZoneOf(tenant), page, request);
  const ids = found.map((one) => one.id);
  const recordings = await vault.db.read((rows) => rows.recordings.findMany(id, ids), request);
  const byId = new Map(recordings.map((one) => [one.id, one]));
  return found.flatMap((one) => {
    const recording = byId.get(one.id);
    if (recording === undefined || recording.facts === null) return [];
    return [callOf(recording, openRawFacts(metadataKey, recording, recording.facts), seesCallIds(by))];
  });
}

type Page = CallsQuery & {
  readonly by: Caller;
  readonly metadataKey: Parameters<typeof openRawFacts>[0];
  readonly tenant: string;
  readonly after: CallPosition | null;
  readonly limit: number;
};

/** Day by day: what is extra depends on whether the day has a list. */
async function positions(
  vault: Pick<Vault, 'db'>,
  timeZone: string,
  page: Page,
  request: RequestContext,
): Promise<readonly CallPosition[]> {
  const { by, metadataKey, tenant, source, after, limit, what } = page;
  const { filter, whole, now } = await vault.db.read(async (rows) => {
    const of = (queue: string | null): Promise<CallFilter> => visibleCalls(rows, metadataKey, by, queue);
    return { filter: await of(page.queue), whole: await of(null), now: await rows.now() };
  }, request);
  const kind: CallKind = what === 'extra' ? 'unlisted' : what;
  const found: CallPosition[] = [];
  for (const { from, to } of localDaysBetween(timeZone, page.from, page.to)) {
    if (found.length >= limit) break;
    if (after !== null && to <= after.startedAt) continue;
    const day = { tenant, source, from, to };
    if (what === 'extra' && !(await hasList(vault, day, whole, request))) continue;
    const span = after !== null && after.startedAt > from ? { ...day, from: after.startedAt } : day;
    await inSteps(
      vault,
      span,
      async ({ completeness }, part) => {
        found.push(...(await completeness.calls(part, filter, kind, now, after, limit - found.length)));
        return found.length >= limit ? 'enough' : 'more';
      },
      request,
    );
  }
  return found;
}

async function hasList(
  vault: Pick<Vault, 'db'>,
  day: CallSpan,
  filter: CallFilter,
  request: RequestContext,
): Promise<boolean> {
  let isListed = false;
  const look = async ({ completeness }: Rows, part: CallSpan) => {
    isListed = await completeness.hasList(part, filter);
    return isListed ? ('enough' as const) : ('more' as const);
  };
  await inSteps(vault, day, look, request);
  return isListed;
}

function callOf(recording: Recording, facts: RawFacts, hasCallId: boolean): CallOfCount {
  const { id, source, startedAt, expectedMs, durationMs, differs, audioDue, listedAt } = recording;
  const text = (name: string): string | null => (typeof facts[name] === 'string' ? facts[name] : null);
  return {
    ...{ id, source, startedAt, expectedMs, durationMs, differs, audioDue, listedAt, queue: text('queue') },
    ...(hasCallId ? { callId: text('call_id') ?? '', leg: text('leg') ?? '0' } : {}),
  };
}
