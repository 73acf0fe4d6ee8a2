// An event of a log near a time: the log finds events by index, and times grow with it from one correction of its clock to
// the next.
import { equalBytes } from '../../../bytes/digest.ts';
import { leafHash, type StoredEvent } from '../../../model/audit-event.ts';
import type { Correction } from '../../../model/log/corrected-time.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import { addMilliseconds } from '../../../model/sign-in.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { correctionsOf } from './corrections.ts';
import { lowerBound } from './lower-bound.ts';

/** Events of one read. */
const PAGE = 200;
/** A row has the time of its transaction, and the event that of its log, which is a moment later where others wrote. */
const BEFORE_MS = 1_000;
const AFTER_MS = 60_000;

/** The first event near this time, of a change that wrote a row then, that is the one wanted; null where the log has none. */
export async function findEventNear(
  vault: Pick<Vault, 'db'>,
  log: string,
  time: string,
  isWanted: (leaf: Leaf) => boolean,
  request: RequestContext,
): Promise<Leaf | null> {
  const period = { from: addMilliseconds(time, -BEFORE_MS), to: addMilliseconds(time, AFTER_MS) };
  const isIt = (leaf: Leaf, event: StoredEvent): boolean =>
    leaf.outcome === 'ok' && isWanted(leaf) && equalBytes(leafHash(event.leaf), event.hash);
  const found = await findEventIn(vault, log, period, isIt, request);
  return found === null ? null : readLeaf(found.leaf);
}

/** The first event with a time of this period that is the one wanted; null where the log has none. */
export async function findEventIn(
  vault: Pick<Vault, 'db'>,
  log: string,
  { from, to }: { readonly from: string; readonly to: string },
  isWanted: (leaf: Leaf, event: StoredEvent) => boolean,
  request: RequestContext,
): Promise<StoredEvent | null> {
  const timeAt = async (index: number): Promise<string> => {
    const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
    return event?.seq === index ? (readLeaf(event.leaf)?.ts ?? '') : '~';
  };
  for (const stretch of stretchesBetween(await vault.db.read((rows) => correctionsOf(rows.log, log), request))) {
    let next = await lowerBound(async (index) => (await timeAt(index)) < from, stretch.from, stretch.below);
    for (let isOver = next >= stretch.below; !isOver; next += PAGE) {
      const start = next;
      const page = await vault.db.read((rows) => rows.log.events(log, start, PAGE), request);
      for (const event of page) {
        const leaf = readLeaf(event.leaf);
        if (leaf === null) continue;
        isOver = event.seq >= stretch.below || leaf.ts > to;
        if (isOver) break;
        if (isWanted(leaf, event)) return event;
      }
      isOver ||= page.length < PAGE;
    }
  }
  return null;
}

/** The parts of a log between its corrections, whose times ascend: indexes from `from` to below `below`, the newest first. */
function stretchesBetween(corrections: readonly Correction[]): { readonly from: number; readonly below: number }[] {
  const starts = [0, ...corrections.map(({ seq }) => seq)];
  return starts.map((from, n) => ({ from, below: starts[n + 1] ?? Number.POSITIVE_INFINITY })).reverse();
}
