// How complete the recordings of a tenant's sources are, for each local day and queue, counted from the index.
import { hexOf } from '../../bytes/hex.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { percentileOf } from '../../model/listing.ts';
import { type LocalDay, localDaysBetween } from '../../model/local-time.ts';
import type { Caller } from '../../model/principal.ts';
import type { Tenant } from '../../model/tenant.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import type { CallCounts, CallFilter, DelayCount } from '../../ports/rows/completeness-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { sourceOwner } from '../core/sources/source-binding.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { inSteps } from './in-steps.ts';
import { visibleCalls, visibleSources } from './visible-calls.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** The days, both included, as YYYY-MM-DD; one source or all; by day alone or by day and queue. */
export type CompletenessQuery = {
  readonly from: string;
  readonly to: string;
  readonly source: string | null;
  readonly by: 'day' | 'queue';
};

/** Counts of one source and day, and of one queue where they are by queue (null: calls without one). */
export type DayCounts = Omit<CallCounts, 'queue' | 'sample' | 'unlisted'> & {
  readonly source: string;
  readonly day: string;
  readonly queue?: string | null;
  /** Whether a list names calls of the day: without one nothing is extra. */
  readonly hasList: boolean;
  readonly extra: number;
  /** Whole seconds from the end of a call until its audio was stored; null without listed audio. */
  readonly delayP50: number | null;
  readonly delayP95: number | null;
};

/** Who uploads a source's calls, and who alone sends its lists: `independent` where that is another service. */
export type SourceSenders = {
  readonly source: string;
  readonly depositor: string | null;
  readonly lists: readonly string[];
  readonly independent: boolean;
};

/** `complete`: false while sources of older recordings are still filled in. */
export type Completeness = {
  readonly counts: readonly DayCounts[];
  readonly sources: readonly string[];
  readonly senders: readonly SourceSenders[];
  readonly timeZone: string;
  readonly complete: boolean;
};

/** The counts, by source, then day, then queue. Days without calls are left out. Counts as a look at the list of recordings. */
export async function readCompleteness(
  vault: Deps,
  by: Caller,
  wanted: CompletenessQuery,
  request: RequestContext,
): Promise<Completeness> {
  const { tenant: id } = by;
  await countEvent(vault, { tenant: id, actor: actorOf(by), action: 'catalogue.read', object: { id } }, request);
  const { tenant, metadataKey } = await activeTenantAndKey(vault, id, request);
  const timeZone = timeZoneOf(tenant);
  const days = localDaysBetween(timeZone, wanted.from, wanted.to);
  const { filter, sources, senders, now, versions } = await vault.db.read(async (rows) => {
    const own = await visibleSources(rows, by);
    const known = (await rows.completeness.sources(id)).filter((source) => own?.includes(source) !== false);
    return {
      filter: await visibleCalls(rows, metadataKey, by, null),
      sources: known,
      senders: await Promise.all(known.map((source) => senderOf(rows, tenant, source))),
      now: await rows.now(),
      versions: await rows.indexes.versions(id),
    };
  }, request);
  const asked = wanted.source === null ? sources : sources.filter((source) => source === wanted.source);
  const read = { vault, tenant: id, filter, now, byQueue: wanted.by === 'queue', request };
  const found: CountedQueue[] = [];
  for (const source of asked) for (const day of days) found.push(...(await countDay(read, source, day)));
  const names = read.byQueue ? await namesOf(vault, metadataKey, id, found, request) : null;
  return {
    counts: found.map(({ queue, sample: _, ...counts }) =>
      names === null ? counts : { ...counts, queue: names.get(keyOf(queue)) ?? null },
    ),
    senders,
    ...{ sources, timeZone, complete: versions === null || versions.complete === versions.current },
  };
}

async function senderOf(rows: Rows, tenant: Tenant, source: string): Promise<SourceSenders> {
  const lists = await rows.sources.listers(tenant.tenant, source);
  return { source, depositor: await sourceOwner(rows, tenant, source), lists, independent: lists.length > 0 };
}

type CountedQueue = Omit<DayCounts, 'queue'> & Pick<CallCounts, 'queue' | 'sample'>;

type Read = {
  readonly vault: Pick<Vault, 'db'>;
  readonly tenant: string;
  readonly filter: CallFilter;
  readonly now: string;
  readonly byQueue: boolean;
  readonly request: RequestContext;
};

/** The counts of a day, added up step by step. */
async function countDay(
  { vault, tenant, filter, now, byQueue, request }: Read,
  source: string,
  { day, from, to }: LocalDay,
): Promise<CountedQueue[]> {
  const sums = new Map<string, CallCounts>();
  const delays = new Map<string, DelayCount[]>();
  await inSteps(
    vault,
    { tenant, source, from, to },
    async ({ completeness }, part) => {
      const counts = await completeness.counts(part, filter, now, byQueue);
      for (const one of counts) sums.set(keyOf(one.queue), added(sums.get(keyOf(one.queue)), one));
      if (counts.length === 0) return 'more';
      for (const one of await completeness.delays(part, filter, byQueue)) {
        const own = delays.get(keyOf(one.queue)) ?? [];
        own.push(one);
        delays.set(keyOf(one.queue), own);
      }
      return 'more';
    },
    request,
  );
  const counts = [...sums.values()];
  const hasList = counts.some(({ expected }) => expected > 0);
  const shown = counts.filter(({ expected, unlisted }) => expected + unlisted > 0);
  return shown.map(({ unlisted, ...one }) => {
    const own = secondsOf(delays.get(keyOf(one.queue)) ?? []);
    const [delayP50, delayP95] = [percentileOf(own, 50), percentileOf(own, 95)];
    return { source, day, ...one, hasList, extra: hasList ? unlisted : 0, delayP50, delayP95 };
  });
}

const SUMMED = ['expected', 'stored', 'pending', 'failed', 'missing', 'short', 'mismatch', 'unlisted'] as const;

function added(sum: CallCounts | undefined, more: CallCounts): CallCounts {
  if (sum === undefined) return more;
  const counts = Object.fromEntries(SUMMED.map((name) => [name, sum[name] + more[name]]));
  return { ...sum, ...(counts as Pick<CallCounts, (typeof SUMMED)[number]>) };
}

function secondsOf(delays: readonly DelayCount[]): readonly (readonly [number, number])[] {
  return delays.map(({ seconds, count }) => [seconds, count] as const).sort(([one], [other]) => one - other);
}

/** Queues by their blind index: each is opened from one recording that has it. */
async function namesOf(
  { db }: Pick<Vault, 'db'>,
  metadataKey: SecretKey,
  tenant: string,
  found: readonly CountedQueue[],
  request: RequestContext,
): Promise<ReadonlyMap<string, string | null>> {
  const samples = new Map(found.map(({ queue, sample }) => [keyOf(queue), sample]));
  const ids = [...new Set(samples.values())];
  const names = new Map<string, string | null>();
  for (let at = 0; at < ids.length; at += 200) {
    const some = ids.slice(at, at + 200);
    for (const recording of await db.read((rows) => rows.recordings.findMany(tenant, some), request)) {
      if (recording.facts === null) continue;
      const { queue } = openRawFacts(metadataKey, recording, recording.facts);
      names.set(keyOf(recording.queue), typeof queue === 'string' ? queue : null);
    }
  }
  return names;
}

function keyOf(queue: Uint8Array | null): string {
  return queue === null ? '' : hexOf(queue);
}
