// The counts of what sessions are sent, in SQL.
import { type Kysely, sql } from 'kysely';
import { addServedRange, begunMinutes, type ServedRange, UNPLACED_RATE } from '../../model/served-ranges.ts';
import type { MinutesLimit, ServedBytes, SessionNotes } from '../../ports/rows/session-rows.ts';
import type { Connection } from './connection.ts';
import { literal } from './literals.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { stretchesColumn, stretchesIn } from './session-mapping.ts';

type SessionRef = Parameters<SessionNotes['count']>[0];

const UNPLACED_MINUTE = UNPLACED_RATE * 60;

const lockedCounts = query((db, tenant: string, session: string) =>
  db
    .selectFrom('session')
    .select(['heard', 'bytes', 'playedMinutes'])
    .where('tenant', '=', tenant)
    .where('id', '=', session)
    .where('state', '=', literal('LIVE'))
    .forUpdate(),
);
const liveOne = (db: Kysely<Schema>, tenant: string, session: string, bytes: number) =>
  db
    .updateTable('session')
    .set(({ eb }) => ({ ranges: eb('ranges', '+', 1), bytes: eb('bytes', '+', bytes) }))
    .where('tenant', '=', tenant)
    .where('id', '=', session)
    .where('state', '=', literal('LIVE'));
const countBytes = query(liveOne);
const countUnplaced = query((db, tenant: string, session: string, bytes: number, more: number) =>
  liveOne(db, tenant, session, bytes).set({
    playedMinutes: sql<number>`cast((bytes + ${more}) / ${sql.lit(UNPLACED_MINUTE)} as integer)`,
  }),
);
const countUnplacedWithin = query((db, tenant: string, session: string, bytes: number) =>
  liveOne(db, tenant, session, bytes).where(({ eb }) =>
    eb(eb('bytes', '+', bytes), '<=', eb('playedMinutes', '*', sql.lit(UNPLACED_MINUTE))),
  ),
);
const countHeard = query(
  (db, tenant: string, session: string, bytes: number, before: string | null, after: string, minutes: number) =>
    liveOne(db, tenant, session, bytes)
      .set({ heard: after, playedMinutes: minutes })
      .where('heard', 'is not distinct from', before),
);
const countHeardWithin = query(
  (db, tenant: string, session: string, bytes: number, before: string | null, after: string, minutes: number) =>
    liveOne(db, tenant, session, bytes)
      .set({ heard: after })
      .where('heard', 'is not distinct from', before)
      .where('playedMinutes', '>=', minutes),
);
const countBegun = query((db, tenant: string, session: string, bytes: number, heard: string | null, minutes: number) =>
  liveOne(db, tenant, session, bytes).set({ heard, playedMinutes: minutes }),
);
const lockPerson = query((db, tenant: string, principal: string) =>
  db.selectFrom('principal').select('id').where('tenant', '=', tenant).where('id', '=', principal).forUpdate(),
);
const minutesOf = query((db, tenant: string, principal: string, from: string, to: string) =>
  db
    .selectFrom('session')
    .select(({ fn }) => fn.sum<number | null>('playedMinutes').as('minutes'))
    .where('tenant', '=', tenant)
    .where('principal', '=', principal)
    .where('opened', '>=', from)
    .where('opened', '<', to),
);

const countUnwrap = query((db, tenant: string, session: string) =>
  db
    .updateTable('session')
    .set(({ eb }) => ({ unwraps: eb('unwraps', '+', 1) }))
    .where('tenant', '=', tenant)
    .where('id', '=', session)
    .where('state', '=', literal('LIVE')),
);

export function sessionNotes(db: Connection): SessionNotes {
  return {
    countUnwrap: async ({ tenant, id }) => (await db.run(countUnwrap(tenant, id))) === 1,
    count: async ({ tenant, id, heard }, { bytes, servedRange, unplaced }) => {
      if (servedRange === null) {
        const counted = unplaced
          ? countUnplaced(tenant, id, bytes, bytes + UNPLACED_MINUTE - 1)
          : countBytes(tenant, id, bytes);
        return (await db.run(counted)) === 1 ? { before: heard, heard } : null;
      }
      const merge = async (before: readonly ServedRange[] | null) => {
        const after = addServedRange(before ?? [], servedRange);
        const columns = [before === null ? null : stretchesColumn(before), stretchesColumn(after)] as const;
        const counted = await db.run(countHeard(tenant, id, bytes, ...columns, begunMinutes(after)));
        return counted === 1 ? { before, heard: after } : null;
      };
      const merged = await merge(heard);
      if (merged !== null) return merged;
      // The session has ended, or a concurrent reply was counted: then its ranges are read again, under the row's lock.
      const row = await db.first(lockedCounts(tenant, id));
      return row === undefined ? null : merge(row.heard === null ? null : stretchesIn(row.heard));
    },
    countWithin: async (session, range, limit) => {
      if (range.servedRange === null && range.unplaced !== true) {
        const counted = await db.run(countBytes(session.tenant, session.id, range.bytes));
        return counted === 1 ? { before: session.heard, heard: session.heard } : null;
      }
      return (await countedWithin(db, session, range)) ?? beginMinute(db, session, range, limit);
    },
  };
}

/** Counts a range of minutes that were begun before; null where it begins one, or the row is not as it was read. */
async function countedWithin(db: Connection, { tenant, id, heard }: SessionRef, { bytes, servedRange }: ServedBytes) {
  if (servedRange === null)
    return (await db.run(countUnplacedWithin(tenant, id, bytes))) === 1 ? { before: heard, heard } : null;
  const after = addServedRange(heard ?? [], servedRange);
  const columns = [heard === null ? null : stretchesColumn(heard), stretchesColumn(after)] as const;
  const counted = await db.run(countHeardWithin(tenant, id, bytes, ...columns, begunMinutes(after)));
  return counted === 1 ? { before: heard, heard: after } : null;
}

/** Counts a range that begins a minute. The person's row is locked first, as by an opening: minutes are added up in turn. */
async function beginMinute(
  db: Connection,
  { tenant, id }: SessionRef,
  { bytes, servedRange }: ServedBytes,
  { principal, minutes: most, from, to }: MinutesLimit,
) {
  const [, row] = await Promise.all([db.first(lockPerson(tenant, principal)), db.first(lockedCounts(tenant, id))]);
  if (row === undefined) return null;
  const before = row.heard === null ? null : stretchesIn(row.heard);
  const heard = servedRange === null ? before : addServedRange(before ?? [], servedRange);
  const minutes = servedRange === null ? Math.ceil((row.bytes + bytes) / UNPLACED_MINUTE) : begunMinutes(heard ?? []);
  if (minutes > row.playedMinutes) {
    const used = (await db.one(minutesOf(tenant, principal, from, to))).minutes ?? 0;
    if (used + minutes - row.playedMinutes > most) return 'over';
  }
  const known = heard === null ? null : stretchesColumn(heard);
  await db.run(countBegun(tenant, id, bytes, known, Math.max(minutes, row.playedMinutes)));
  return { before, heard };
}
