// Reading one log over a period, page by page: it may be longer than memory.
import type { Period } from '../../model/exposure.ts';
import { correctedTime } from '../../model/log/corrected-time.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { correctionsOf } from '../core/log-reading/corrections.ts';
import { lowerBound } from '../core/log-reading/lower-bound.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock'>;

/**
 * The part of a log that was read: its first index, the number of events, how many leaves are unreadable, and the log's
 * first time.
 */
export type LogCoverage = {
  readonly from: number;
  readonly events: number;
  readonly unreadable: number;
  readonly begins: string | null;
};

const PAGE = 1000;
const PAGE_MS = 30_000;
/**
 * What reaches into a period began at most this long before it: a request waits 30 days, its window is 7 days; an
 * assignment waits 31 days; the clock of a grant runs at most 8 days with its extension.
 */
const BEFORE_MS = 45 * 86_400_000;

/**
 * Passes on, in order, every leaf of the period and of the 45 days before it; one from a wrong time as of when the clock was
 * put right. Throws the database's errors.
 */
export async function readLogPeriod(
  vault: Deps,
  log: string,
  { since, until }: Period,
  take: (leaf: Leaf) => void,
  request: RequestContext,
): Promise<LogCoverage> {
  const earliest = new Date(Date.parse(since) - BEFORE_MS).toISOString();
  const page = (index: number, limit: number) =>
    // A long log takes longer than any one deadline.
    vault.db.read((rows) => rows.log.events(log, index, limit), {
      ...request,
      signal: AbortSignal.any([request.signal, vault.clock.deadline(PAGE_MS)]),
    });
  const corrections = await vault.db.read((rows) => correctionsOf(rows.log, log), request);
  const read = (bytes: Uint8Array): Leaf | null => {
    const leaf = readLeaf(bytes);
    return leaf === null ? null : { ...leaf, ts: correctedTime(leaf.ts, leaf.seq, corrections) };
  };
  const isBefore = async (index: number): Promise<boolean> => {
    const [event] = await page(index, 1);
    const leaf = event === undefined ? null : read(event.leaf);
    return leaf !== null && leaf.ts < earliest;
  };
  const [first] = await page(0, 1);
  const begins = (first === undefined ? null : readLeaf(first.leaf)?.ts) ?? null;
  const from = await lowerBound(isBefore);
  let [at, unreadable] = [from, 0];
  for (;;) {
    const events = await page(at, PAGE);
    for (const event of events) {
      const leaf = read(event.leaf);
      if (leaf !== null && leaf.ts > until) return { from, events: at - from, unreadable, begins };
      at++;
      if (leaf === null) unreadable++;
      else take(leaf);
    }
    if (events.length < PAGE) return { from, events: at - from, unreadable, begins };
  }
}
