// The bookkeeping of legal holds, in SQL: how far one has looked, counts of lifted ones, and damage.
import type { Hold } from '../../model/hold.ts';
import type { LegalHoldNotes } from '../../ports/rows/hold-rows.ts';
import type { Connection } from './connection.ts';
import { heldIn, lowerHolds, NOT_LIFTED } from './hold-rows.ts';
import { literal, number } from './literals.ts';
import type { ColumnsOf } from './mapping.ts';
import { holds } from './mappings.ts';
import { query } from './query.ts';

const reach = query((db, { tenant, id, reached }: Pick<Hold, 'tenant' | 'id' | 'reached'>, to: string, done: boolean) =>
  db
    .updateTable('hold')
    .set(({ eb }) => ({
      reached: to,
      version: eb('version', '+', number(1)),
      ...(done ? { state: literal('ACTIVE'), settled: number(1) } : {}),
    }))
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', literal('PLACING'))
    .where('reached', '=', reached),
);
const lockLifted = query((db, tenant: string, hold: string) =>
  db
    .selectFrom('hold')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', '=', hold)
    .where('state', '=', literal('LIFTED'))
    .forUpdate(),
);
const counted = query((db, tenant: string, hold: string, limit: number) =>
  heldIn(db, tenant)
    .select('recording')
    .where('hold', '=', hold)
    .where('lifted', '=', NOT_LIFTED)
    .orderBy('recording')
    .limit(limit),
);
const lockRecordings = query((db, tenant: string, ids: readonly string[]) =>
  db.selectFrom('recording').select('id').where('tenant', '=', tenant).where('id', 'in', ids).orderBy('id').forUpdate(),
);
const markLifted = query((db, tenant: string, hold: string, ids: readonly string[]) =>
  db
    .updateTable('holdRecording')
    .set({ lifted: number(1) })
    .where('tenant', '=', tenant)
    .where('hold', '=', hold)
    .where('recording', 'in', ids),
);
const settle = query((db, tenant: string, hold: string) =>
  db
    .updateTable('hold')
    .set({ settled: number(1) })
    .where('tenant', '=', tenant)
    .where('id', '=', hold),
);
const setDamaged = query((db, row: ColumnsOf<Hold>) =>
  db
    .insertInto('hold')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'id'])
        .doUpdateSet({ damaged: number(1) })
        .where('hold.damaged', '=', number(0)),
    ),
);
const deleteLost = query((db, tenant: string) =>
  db.deleteFrom('hold').where('tenant', '=', tenant).where('damaged', '=', number(1)).where('note', 'is', null),
);
const clearDamage = query((db, tenant: string) =>
  db
    .updateTable('hold')
    .set({ damaged: number(0) })
    .where('tenant', '=', tenant)
    .where('damaged', '=', number(1)),
);

/** The row in place of a hold whose first entry is lost. */
function lostHold(tenant: string, id: string, now: string): Hold {
  return {
    ...{ tenant, id, state: 'PLACING', version: 1, created: now, note: null, scope: null, continuing: false },
    ...{ review: now, placedBy: '', lifted: null, liftedBy: null, damaged: true, reached: '', settled: false },
  };
}

export function legalHoldNotes(db: Connection): LegalHoldNotes {
  return {
    reach: async ({ tenant, id, reached }, to, done) => (await db.run(reach({ tenant, id, reached }, to, done))) === 1,
    lowerCounts: async ({ tenant, id }, limit) => {
      if ((await db.first(lockLifted(tenant, id))) === undefined) return 0;
      const ids = (await db.all(counted(tenant, id, limit))).map(({ recording }) => recording);
      if (ids.length > 0) {
        await db.all(lockRecordings(tenant, ids));
        await db.run(lowerHolds(tenant, ids));
        await db.run(markLifted(tenant, id, ids));
      }
      if (ids.length < limit) await db.run(settle(tenant, id));
      return ids.length;
    },
    setDamaged: async (tenant, hold, now) =>
      (await db.run(setDamaged(holds.toColumns(lostHold(tenant, hold, now)) as ColumnsOf<Hold>))) === 1,
    clearDamage: async (tenant) => (await db.run(deleteLost(tenant))) + (await db.run(clearDamage(tenant))),
  };
}
