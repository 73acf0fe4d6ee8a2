// A backward scan of a log in bounded pages: a log may be longer than memory, and than a caller waits.
import { type ActivityFilter, isContentFilter, matchesActivity } from '../../../model/activity-filter.ts';
import type { StoredEvent } from '../../../model/audit-event.ts';
import { correctedTime } from '../../../model/log/corrected-time.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { correctionsOf } from './corrections.ts';
import { lowerBound } from './lower-bound.ts';

/** An event and its decoded leaf; null where the leaf cannot be read. */
export type DecodedEvent = { readonly event: StoredEvent; readonly leaf: Leaf | null };

/** The indexes of the scanned events, and the time of the oldest. */
export type ScannedRange = { readonly newest: number; readonly oldest: number; readonly since: string | null };

/**
 * Matching events, newest first; the index below which the next page begins, null at the end; `looked` is null where no
 * event was scanned.
 */
export type BackwardPage = {
  readonly found: readonly DecodedEvent[];
  readonly next: number | null;
  readonly scanned: ScannedRange | null;
};

/** Events of one read: SQLite blocks the event loop for 3 ms. */
const PAGE = 1_250;
/** Events of one call: about 10 ms. */
const MOST = 2_500;

/**
 * At most `limit` events below index `before` (null: from the newest on). It scans some thousands of events that do not
 * match, then returns where to continue. An event with an unreadable leaf matches every filter: it could be any event. One
 * from a wrong time counts as of when the clock was put right.
 */
export async function readBackwards(
  vault: Pick<Vault, 'db'>,
  log: string,
  filter: ActivityFilter,
  before: number | null,
  limit: number,
  request: RequestContext,
): Promise<BackwardPage> {
  const found: DecodedEvent[] = [];
  const size = isContentFilter(filter) ? PAGE : limit;
  let looked = null as ScannedRange | null;
  const isBounded = filter.from !== undefined || filter.to !== undefined;
  const corrections = isBounded ? await vault.db.read((rows) => correctionsOf(rows.log, log), request) : [];
  const timeOf = ({ ts, seq }: Leaf): string => correctedTime(ts, seq, corrections);
  let below = await startOf(vault, log, filter, before, timeOf, request);
  for (let passed = 0; passed < MOST; ) {
    const page = await vault.db.read((rows) => rows.log.eventsBelow(log, below, size), request);
    for (const event of page) {
      const leaf = readLeaf(event.leaf);
      if (leaf !== null && filter.from !== undefined && timeOf(leaf) < filter.from)
        return { found, next: null, scanned: looked };
      looked = { newest: looked?.newest ?? event.seq, oldest: event.seq, since: leaf?.ts ?? looked?.since ?? null };
      if (leaf === null || matchesActivity(leaf, filter)) found.push({ event, leaf });
      if (found.length === limit) return { found, next: event.seq === 0 ? null : event.seq, scanned: looked };
    }
    passed += page.length;
    below = page.at(-1)?.seq ?? 0;
    if (page.length < size || below === 0) return { found, next: null, scanned: looked };
  }
  return { found, next: below, scanned: looked };
}

/** The index to begin below: the end of the filter's period where that comes first. */
async function startOf(
  vault: Pick<Vault, 'db'>,
  log: string,
  { to }: ActivityFilter,
  before: number | null,
  timeOf: (leaf: Leaf) => string,
  request: RequestContext,
): Promise<number | null> {
  if (to === undefined) return before;
  const isEarlier = async (index: number): Promise<boolean> => {
    const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
    const leaf = event?.seq === index ? readLeaf(event.leaf) : null;
    return leaf !== null && timeOf(leaf) < to;
  };
  const end = await lowerBound(isEarlier);
  return before === null ? end : Math.min(before, end);
}
