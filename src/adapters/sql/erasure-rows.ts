// Erasures in SQL.
import type { Kysely } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import type { Erasure, NewErasure } from '../../model/erasure.ts';
import type { ErasureNotes, ErasureRows } from '../../ports/rows/erasure-rows.ts';
import type { Schema } from './schema.ts';

export function erasureRows(db: Kysely<Schema>): ErasureRows {
  return {
    find: async (tenant, recording) => {
      const query = db
        .selectFrom('erasure')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording);
      return (await query.executeTakeFirst()) ?? null;
    },
    due: (now, limit) =>
      db
        .selectFrom('erasure')
        .selectAll()
        .where('due', '<=', now)
        .orderBy('due')
        .orderBy('recording')
        .limit(limit)
        .execute(),
    unerased: async (tenant, recordings) => {
      const rows = await db
        .selectFrom('recording')
        .select('id')
        .where('tenant', '=', tenant)
        .where('id', 'in', recordings)
        .where('state', 'in', ['EXPECTED', 'AVAILABLE'])
        .execute();
      return rows.map(({ id }) => id);
    },
    lastReplay: async (tenant) => {
      const row = await db.selectFrom('replay').select('at').where('tenant', '=', tenant).executeTakeFirst();
      return row?.at ?? null;
    },
  };
}

export function erasureNotes(db: Kysely<Schema>): ErasureNotes {
  const as = async (erasure: Erasure, to: Partial<Pick<Erasure, 'pass' | 'due'>>, due: boolean): Promise<boolean> => {
    let query = db
      .updateTable('erasure')
      .set(to)
      .where('tenant', '=', erasure.tenant)
      .where('recording', '=', erasure.recording)
      .where('pass', '=', erasure.pass);
    if (due) query = query.where('due', '=', erasure.due);
    return (await query.executeTakeFirst()).numUpdatedRows === 1n;
  };
  return {
    take: (erasure, until) => as(erasure, { due: until }, true),
    passDone: (erasure, due) => as(erasure, { pass: erasure.pass + 1, due }, false),
    setLastReplay: async (tenant, at) => {
      await db
        .insertInto('replay')
        .values({ tenant, at })
        .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ at }))
        .execute();
    },
  };
}

/** Stores a change's erasure in its transaction: the change's first event is the one that began it. */
export async function storeErasure(
  db: Kysely<Schema>,
  erasure: NewErasure,
  events: readonly NewEvent[],
  receipts: readonly Receipt[],
): Promise<void> {
  const [seq, log] = [receipts[0]?.seq, events[0]?.log];
  if (seq === undefined || log !== erasure.tenant) throw new VaultError('internal', 'an erasure must have an event');
  await db
    .insertInto('erasure')
    .values({ ...erasure, seq })
    .execute();
}
