// The floor of a log in SQL: the time of its newest event. The log's head has a copy, which is set right where it differs.
import { VaultError } from '../../errors.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { aheadForClients, differsFromServer } from '../../model/time/clock-messages.ts';
import { transactionTime } from '../../model/time/transaction-time.ts';
import { WITNESS_APART_MS } from '../../model/time/witnesses.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

/** A person puts the clock or the log right: clients need not ask often. */
const AHEAD_RETRY_S = 60;

/** The error about a log whose newest event, as its head says, is too far ahead of the clock. */
export class LogAhead extends VaultError {
  readonly log: string;
  readonly mark: string;

  constructor(log: string, mark: string, aheadMs: number) {
    super('clock_differs', aheadForClients(aheadMs), { retryAfter: AHEAD_RETRY_S });
    this.log = log;
    this.mark = mark;
  }
}

/** The error about a log with this floor, which is ahead of the clock. */
export function aheadOf(clock: number, log: string, mark: string): LogAhead {
  const aheadMs = Date.parse(mark) - clock;
  // A floor that is no time is ahead of every clock.
  return new LogAhead(log, mark, Number.isNaN(aheadMs) ? Number.POSITIVE_INFINITY : aheadMs);
}

/** A transaction's time by the clock and the floor of one log. Throws `LogAhead` where that is too far ahead to be followed. */
export function timeBy(clock: number, log: string, mark: string | null): string {
  const found = transactionTime(clock, mark);
  if (found === null) throw aheadOf(clock, log, mark ?? '');
  return found;
}

/** The server is a witness: a process whose clock is wrong would put each log ahead that it writes. */
export function requireAgreement(server: number, clock: number): void {
  const apart = Math.abs(server - clock);
  if (apart <= WITNESS_APART_MS) return;
  throw new VaultError('clock_differs', differsFromServer(apart), { retryAfter: AHEAD_RETRY_S });
}

const markOf = query((db, log: string) => db.selectFrom('auditHead').select('mark').where('log', '=', log));

/** The floor of a log as its head says; null before the first event. */
export async function floorOfLog(db: Connection, log: string): Promise<string | null> {
  return (await db.first(markOf(log)))?.mark ?? null;
}

const head = query((db, log: string) => db.selectFrom('auditHead').select(['size', 'mark']).where('log', '=', log));
const lockedHead = query((db, log: string) =>
  db.selectFrom('auditHead').select(['size', 'mark']).where('log', '=', log).forUpdate(),
);
const leafAt = query((db, log: string, seq: number) =>
  db.selectFrom('auditEvent').select('leaf').where('log', '=', log).where('seq', '=', seq),
);
const setMark = query((db, log: string, mark: string) =>
  db.updateTable('auditHead').set({ mark }).where('log', '=', log),
);

type Head = { readonly size: number; readonly mark: string };

/** The time of the newest event where the head has another one; null where it has the same, or the event cannot be read. */
async function otherTime(db: Connection, log: string, found: Head | undefined): Promise<string | null> {
  if (found === undefined) return null;
  const newest = found.size === 0 ? null : await db.first(leafAt(log, found.size - 1));
  const time = newest === null ? '' : newest === undefined ? null : (readLeaf(newest.leaf)?.ts ?? null);
  return time === found.mark ? null : time;
}

/** Whether the time in a log's head is not that of its newest event. */
export async function markDiffers(db: Connection, log: string): Promise<boolean> {
  return (await otherTime(db, log, await db.first(head(log)))) !== null;
}

/** Sets the time in a log's head from the newest event, under the head's lock, where it differs: true then. */
export async function settleMark(db: Connection, log: string): Promise<boolean> {
  const time = await otherTime(db, log, await db.first(lockedHead(log)));
  if (time !== null) await db.run(setMark(log, time));
  return time !== null;
}
