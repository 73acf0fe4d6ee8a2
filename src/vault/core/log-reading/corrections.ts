// Where the clock of a log was put right: from there on its times are lower than before.

import type { StoredEvent } from '../../../model/audit-event.ts';
import type { Correction } from '../../../model/log/corrected-time.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import type { LogRows } from '../../../ports/rows/log-rows.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { lowerBound } from './lower-bound.ts';

const CORRECTED: AuditAction = 'clock.corrected';

/** The corrections of this log's clock from an index on, in order, with their bytes. */
export async function correctionsOf(
  log: Pick<LogRows, 'eventsAbout'>,
  of: string,
  from = 0,
): Promise<(StoredEvent & Correction)[]> {
  return (await log.eventsAbout(of, from, of)).flatMap((event) => {
    const leaf = readLeaf(event.leaf);
    return leaf?.action === CORRECTED && leaf.outcome === 'ok' ? [{ ...event, ts: leaf.ts }] : [];
  });
}

/** Indexes from `from` to below `below`, whose times ascend. */
type Stretch = { readonly from: number; readonly below: number };

/** The parts of a log between its corrections, the newest first. */
export function stretchesBetween(corrections: readonly Correction[]): Stretch[] {
  const starts = [0, ...corrections.map(({ seq }) => seq)];
  return starts.map((from, n) => ({ from, below: starts[n + 1] ?? Number.POSITIVE_INFINITY })).reverse();
}

/** A time in which a log's clock was wrong: from its last event before, until it was put right. */
export type WrongTime = Correction & { readonly since: string };

/** The times in which the clock of this log was wrong, in order. Throws the database's errors. */
export async function wrongTimes(vault: Pick<Vault, 'db'>, log: string, request: RequestContext): Promise<WrongTime[]> {
  const corrections = await vault.db.read((rows) => correctionsOf(rows.log, log), request);
  const leafAt = async (index: number): Promise<Leaf | null> => {
    const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
    return event?.seq === index ? readLeaf(event.leaf) : null;
  };
  const times: WrongTime[] = [];
  for (const [n, { seq, ts }] of corrections.entries()) {
    const from = corrections[n - 1]?.seq ?? 0;
    const first = await lowerBound(async (index) => ((await leafAt(index))?.ts ?? '') <= ts, from, seq);
    times.push({ seq, ts, since: (await leafAt(Math.max(from, first - 1)))?.ts ?? ts });
  }
  return times;
}
