// A log whose newest event is ahead of the clock, put right in SQL; and what waits for a time that was wrong.
import { sql } from 'kysely';
import { VaultError } from '../../errors.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import { SET_BACK } from '../../model/time/set-back.ts';
import { transactionTime } from '../../model/time/transaction-time.ts';
import type { LogFloor } from '../../ports/rows/clock-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

const newestEvents = query((db) =>
  db
    .selectFrom('auditHead')
    .leftJoin('auditEvent', (join) =>
      join
        .onRef('auditEvent.log', '=', 'auditHead.log')
        .on(({ eb, ref }) => eb('auditEvent.seq', '=', eb(ref('auditHead.size'), '-', sql.lit(1)))),
    )
    .select(['auditHead.log', 'auditHead.size', 'auditHead.held', 'auditHead.mark', 'auditEvent.leaf'])
    .orderBy('auditHead.log'),
);
const lowerMark = query((db, log: string, size: number, mark: string) =>
  db.updateTable('auditHead').set({ mark }).where('log', '=', log).where('size', '=', size).where('held', 'is', null),
);
const forgetBeats = query((db, after: string) => db.deleteFrom('clockBeat').where('at', '>', after));

/** The floors of all logs: the time of each one's newest event. One whose newest event cannot be read has none. */
export async function logFloors(db: Connection): Promise<LogFloor[]> {
  const heads = await db.all(newestEvents());
  return heads.flatMap(({ log, size, held, mark, leaf }) => {
    if (size === 0) return [];
    const floor = leaf === null ? null : (readLeaf(leaf)?.ts ?? null);
    return [{ log, size, isHeld: held !== null, mark, floor }];
  });
}

const newestOf = query((db, log: string) =>
  db
    .selectFrom('auditHead')
    .innerJoin('auditEvent', (join) =>
      join
        .onRef('auditEvent.log', '=', 'auditHead.log')
        .on(({ eb, ref }) => eb('auditEvent.seq', '=', eb(ref('auditHead.size'), '-', sql.lit(1)))),
    )
    .select(['auditHead.size', 'auditHead.held', 'auditEvent.leaf'])
    .where('auditHead.log', '=', log),
);

/**
 * Size and floor of a log that is ahead of the clock (milliseconds since 1970). Throws `clock_right` where it is not,
 * `audit_unavailable` where it is held.
 */
export async function floorAhead(
  db: Connection,
  log: string,
  clock: number,
): Promise<{ readonly size: number; readonly floor: string }> {
  const found = await db.first(newestOf(log));
  if (found !== undefined && found.held !== null)
    throw new VaultError('audit_unavailable', `the log of ${log} is held: run callvault log restore first`);
  const floor = found === undefined ? null : (readLeaf(found.leaf)?.ts ?? null);
  if (found === undefined || floor === null || transactionTime(clock, floor) !== null)
    throw new VaultError('clock_right', `the log of ${log} is not ahead of the clock`);
  return { size: found.size, floor };
}

/**
 * Sets the time in the head of a log that has this size back, under the head's lock: the next event of the transaction may
 * be earlier than the newest. False where the log is held, or has another size.
 */
export async function setMarkBack(db: Connection, log: string, size: number, mark: string): Promise<boolean> {
  return (await db.run(lowerMark(log, size, mark))) === 1;
}

/** Deletes beats later than this time. Returns how many. */
export function deleteBeatsAfter(db: Connection, after: string): Promise<number> {
  return db.run(forgetBeats(after));
}

/** One statement a column. The names are those of the list, which no one gives. */
const COLUMNS_BACK = SET_BACK.map(({ table, owner, column, spanMs }) => ({
  spanMs,
  set: query((db, log: string, latest: string, to: string) => {
    const [from, of, at] = [sql.table(table), sql.ref(owner), sql.ref(column)];
    const text = sql`update ${from} set ${at} = ${to} where ${of} = ${log} and ${at} > ${latest}`;
    return { compile: () => text.compile(db) };
  }),
}));

/** Sets what the work of this log waits for, and lies later than `to`, to it. */
export async function setWorkBack(db: Connection, log: string, to: string): Promise<void> {
  for (const { spanMs, set } of COLUMNS_BACK) await db.run(set(log, addMilliseconds(to, spanMs), to));
}
