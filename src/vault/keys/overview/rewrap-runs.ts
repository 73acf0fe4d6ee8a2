// Running re-wraps on any machine, read from the log: each batch is an event.
import { correctedTime } from '../../../model/log/corrected-time.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import { correctionsOf } from '../../core/log-reading/corrections.ts';
import { lowerBound } from '../../core/log-reading/lower-bound.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';

/** A run, as its events describe it: who began it and when, its generation, its latest event, and recent batches. */
export type RewrapRun = {
  readonly run: string;
  readonly by: string;
  readonly wrap: number;
  readonly since: string;
  readonly last: string;
  readonly batches: readonly { readonly at: number; readonly keys: number }[];
};

/** How far back the first read goes, and how many events one read takes at most: the next read continues. */
const BACK_MS = 6 * 3_600_000;
const PAGE = 1_000;
const MOST_PAGES = 20;
/** Batches of the last minute are kept to measure the rate. */
const RECENT_MS = 60_000;

/** Reads what the tenant's log has gained since the last call; returns the latest run of the last hours, or null. */
export function rewrapRunTracker(
  vault: Pick<Vault, 'db' | 'clock'>,
  log: string,
): (request: RequestContext) => Promise<RewrapRun | null> {
  let next: number | null = null;
  let latest = null as RewrapRun | null;
  const begun = new Map<string, string>();

  const take = (leaf: Leaf): void => {
    const { run, count, wrap, use } = leaf.object;
    if (leaf.action !== 'key.rewrapped' || typeof run !== 'string' || use !== undefined) return;
    const since = begun.get(run) ?? leaf.ts;
    begun.set(run, since);
    const at = Date.parse(leaf.ts);
    // Two runners work on the same keys: batches of both count.
    const before = latest?.batches.filter((batch) => batch.at > at - RECENT_MS) ?? [];
    const batches = [...before, { at, keys: Number(count) }];
    latest = { run, by: leaf.actor.id, wrap: Number(wrap), since, last: leaf.ts, batches };
  };

  return async (request) => {
    next ??= await beginning(vault, log, request);
    for (let page = 0; page < MOST_PAGES; page++) {
      const from: number = next;
      const events = await vault.db.read((rows) => rows.log.events(log, from, PAGE), request);
      // A concurrent call may have read this page: counted twice it would double the batches.
      if (next !== from) continue;
      next = from + events.length;
      for (const event of events) {
        const leaf = readLeaf(event.leaf);
        if (leaf !== null) take(leaf);
      }
      if (events.length < PAGE) break;
    }
    return latest;
  };
}

async function beginning(vault: Pick<Vault, 'db' | 'clock'>, log: string, request: RequestContext): Promise<number> {
  const earliest = new Date(vault.clock.now() - BACK_MS).toISOString();
  const corrections = await vault.db.read((rows) => correctionsOf(rows.log, log), request);
  return lowerBound(async (index) => {
    const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
    const leaf = event === undefined ? null : readLeaf(event.leaf);
    return leaf !== null && correctedTime(leaf.ts, leaf.seq, corrections) < earliest;
  });
}
