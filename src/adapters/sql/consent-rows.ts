// Notices and withdrawals of consent in SQL.
import type { Kysely } from 'kysely';
import type { IndexLabel } from '../../envelope/blind-index.ts';
import type { ConsentNotes, ConsentWrites, Notice } from '../../ports/rows/consent-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { nounOr } from './mapping.ts';
import { withdrawals } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

const notices = query((db, tenant: string) =>
  db
    .selectFrom('notice')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('id', 'desc')
    .orderBy('version', 'desc')
    .orderBy('language'),
);
const versionsOf = query((db, tenant: string, id: string) =>
  db
    .selectFrom('notice')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .orderBy('version')
    .orderBy('language'),
);
const withdrawal = query((db, tenant: string, id: string) => inTenant(db, tenant).where('id', '=', id));
const page = query((db, tenant: string, before: string | null, limit: number) => {
  const all = inTenant(db, tenant);
  return (before === null ? all : all.where('id', '<', before)).orderBy('id', 'desc').limit(limit);
});
// By the value alone: values of two labels never agree, because each label has its key.
const reaching = query((db, tenant: string, values: readonly Uint8Array[], began: string) =>
  inTenant(db, tenant)
    .where('at', '>', began)
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('withdrawalIndex')
        .select('withdrawalIndex.withdrawal')
        .where('withdrawalIndex.tenant', '=', tenant)
        .where('withdrawalIndex.value', 'in', values),
    )
    .orderBy('at')
    .orderBy('id'),
);
const indexesOf = query((db, tenant: string, id: string) =>
  db
    .selectFrom('withdrawalIndex')
    .select(['label', 'value'])
    .where('tenant', '=', tenant)
    .where('withdrawal', '=', id)
    .orderBy('label')
    .orderBy('value'),
);
const recordingsOf = query(
  (db, tenant: string, label: string, value: Uint8Array, at: string, after: string, limit: number) =>
    db
      .selectFrom('blindIndex')
      .select('recording')
      .where('tenant', '=', tenant)
      .where('label', '=', label)
      .where('value', '=', value)
      .where('recording', '>', after)
      .where('startedAt', '<', at)
      .orderBy('recording')
      .limit(limit),
);
const withdrawalAt = query((db, tenant: string, at: string) =>
  inTenant(db, tenant).where('at', '=', at).orderBy('purposes').orderBy('id').limit(1),
);
const due = query((db, now: string, limit: number) =>
  db
    .selectFrom('withdrawal')
    .selectAll()
    .where('due', 'is not', null)
    .where('due', '<=', now)
    .orderBy('due')
    .limit(limit),
);
const moveOn = query((db, tenant: string, id: string, from: string, reach: string, next: string | null) =>
  db
    .updateTable('withdrawal')
    .set({ reached: reach, due: next })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('reached', '=', from),
);

function inTenant(db: Kysely<Schema>, tenant: string) {
  return db.selectFrom('withdrawal').selectAll().where('tenant', '=', tenant);
}

export function consentRows(db: Connection): ConsentWrites {
  return {
    notices: (tenant) => db.all<Notice>(notices(tenant)),
    versionsOf: (tenant, notice) => db.all<Notice>(versionsOf(tenant, notice)),
    withdrawal: async (tenant, id) => nounOr(withdrawals, await db.first(withdrawal(tenant, id))),
    withdrawalAt: async (tenant, at) => nounOr(withdrawals, await db.first(withdrawalAt(tenant, at))),
    withdrawals: async (tenant, before, limit) => (await db.all(page(tenant, before, limit))).map(withdrawals.toNoun),
    reaching: async (tenant, indexes, began) => {
      if (indexes.length === 0) return [];
      const values = indexes.map(({ value }) => value);
      return (await db.all(reaching(tenant, values, began))).map(withdrawals.toNoun);
    },
    indexesOf: async (tenant, id) =>
      (await db.all(indexesOf(tenant, id))).map(({ label, value }) => ({ label: label as IndexLabel, value })),
    recordingsOf: async (tenant, { label, value }, at, after, limit) =>
      (await db.all(recordingsOf(tenant, label, value, at, after, limit))).map(({ recording }) => recording),
    due: async (now, limit) => (await db.all(due(now, limit))).map(withdrawals.toNoun),
    insertNotice: async (row) => {
      await db.run(insertInto('notice', row));
    },
    insertWithdrawal: async (row, indexes) => {
      await db.run(insertInto('withdrawal', withdrawals.toColumns(row)));
      for (const { label, value } of indexes)
        await db.run(insertInto('withdrawalIndex', { tenant: row.tenant, withdrawal: row.id, label, value }));
    },
  };
}

export function consentNotes(db: Connection): ConsentNotes {
  return {
    moveOn: async ({ tenant, id, reached: from }, to) =>
      (await db.run(moveOn(tenant, id, from, to.reached, to.due))) === 1,
  };
}
