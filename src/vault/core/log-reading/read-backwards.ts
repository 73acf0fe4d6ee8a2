// Walking a log backwards in bounded steps: it may be longer than memory, and than anybody's patience.
import { type ActivityFilter, isContentFilter, matchesActivity } from '../../../model/activity-filter.ts';
import type { StoredEvent } from '../../../model/audit-event.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { lowerBound } from './lower-bound.ts';

/** An event and what its leaf says; null where that cannot be read. */
export type DecodedEvent = { readonly event: StoredEvent; readonly leaf: Leaf | null };

/** Which events were looked at, by index, and when the oldest of them was. */
export type ScannedRange = { readonly newest: number; readonly oldest: number; readonly since: string | null };

/** Events that fit, newest first; below which index to go on, null at the end; null for `looked` where there was none. */
export type BackwardPage = {
  readonly found: readonly DecodedEvent[];
  readonly next: number | null;
  readonly scanned: ScannedRange | null;
};

const PAGE = 500;
const MOST = 5_000;

/**
 * At most `limit` events below index `before` (null: from the newest on). Of events that a filter leaves out it passes
 * some thousands, and then says where to go on. One whose leaf cannot be read fits every filter: nothing says that it
 * does not.
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
  let below = await startOf(vault, log, filter, before, request);
  for (let passed = 0; passed < MOST; ) {
    const page = await vault.db.read((rows) => rows.log.eventsBelow(log, below, size), request);
    for (const event of page) {
      const leaf = readLeaf(event.leaf);
      if (leaf !== null && filter.from !== undefined && leaf.ts < filter.from)
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

/** Below which index to begin: where the filter's end comes first, there. */
async function startOf(
  vault: Pick<Vault, 'db'>,
  log: string,
  { to }: ActivityFilter,
  before: number | null,
  request: RequestContext,
): Promise<number | null> {
  if (to === undefined) return before;
  const isEarlier = async (index: number): Promise<boolean> => {
    const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
    const leaf = event?.seq === index ? readLeaf(event.leaf) : null;
    return leaf !== null && leaf.ts < to;
  };
  const end = await lowerBound(isEarlier);
  return before === null ? end : Math.min(before, end);
}
