// Ingest keys in SQL.
import type { IngestKeyRow } from '../../model/ingest-key.ts';
import type { IngestKeyNotes, IngestKeyWrites } from '../../ports/rows/ingest-key-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { literal } from './literals.ts';
import { query } from './query.ts';

const CURRENT = literal('CURRENT');

const find = query((db, tenant: string, id: string) =>
  db.selectFrom('ingestKey').selectAll().where('tenant', '=', tenant).where('id', '=', id),
);
// These conditions are in the exact form of the partial index's condition.
const current = query((db, tenant: string) =>
  db.selectFrom('ingestKey').selectAll().where('tenant', '=', tenant).where('state', '=', CURRENT),
);
const allCurrent = query((db) => db.selectFrom('ingestKey').selectAll().where('state', '=', CURRENT).orderBy('tenant'));
const all = query((db, tenant: string) =>
  db.selectFrom('ingestKey').selectAll().where('tenant', '=', tenant).orderBy('id'),
);
const supersede = query((db, tenant: string, id: string) =>
  db
    .updateTable('ingestKey')
    .set({ state: 'OLD' })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', CURRENT),
);
const rewrap = query((db, from: Pick<IngestKeyRow, 'tenant' | 'id' | 'keyId' | 'wrap'>, to: Partial<IngestKeyRow>) =>
  db
    .updateTable('ingestKey')
    .set(to)
    .where('tenant', '=', from.tenant)
    .where('id', '=', from.id)
    .where('keyId', '=', from.keyId)
    .where('wrap', '=', from.wrap),
);
const remove = query((db, tenant: string, id: string) =>
  db.deleteFrom('ingestKey').where('tenant', '=', tenant).where('id', '=', id).where('state', '!=', CURRENT),
);
const fileArrived = query((db, tenant: string, id: string, at: string) =>
  db
    .updateTable('ingestKey')
    .set({ lastFileAt: at })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where(({ eb, or }) => or([eb('lastFileAt', 'is', null), eb('lastFileAt', '<', at)])),
);
const blobWritten = query((db, tenant: string, id: string, wrap: number) =>
  db
    .updateTable('ingestKey')
    .set({ blobWrap: wrap })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('wrap', '=', wrap),
);
const signed = query((db, tenant: string, id: string, note: string) =>
  db.updateTable('ingestKey').set({ note }).where('tenant', '=', tenant).where('id', '=', id),
);

export function ingestKeyRows(db: Connection): IngestKeyWrites {
  return {
    find: async (tenant, id) => (await db.first(find(tenant, id))) ?? null,
    current: async (tenant) => (await db.first(current(tenant))) ?? null,
    all: (tenant) => db.all(all(tenant)),
    allCurrent: () => db.all(allCurrent()),
    insert: async (row) => {
      await db.run(insertInto('ingestKey', row));
    },
    supersede: async (tenant, id) => (await db.run(supersede(tenant, id))) === 1,
    rewrap: async ({ tenant, id, keyId, wrap, blobWrap }, to) => {
      // Also where the generation stays: the blob has another wrapped seed than the row from now on.
      const behind = { blobWrap: Math.min(blobWrap, to.wrap - 1) };
      return (await db.run(rewrap({ tenant, id, keyId, wrap }, { ...columnsOf(to), ...behind }))) === 1;
    },
    delete: async (tenant, id) => (await db.run(remove(tenant, id))) === 1,
    fileArrived: async (tenant, id, at) => {
      await db.run(fileArrived(tenant, id, at));
    },
  };
}

/** Only these: whatever else a caller's object has stays as it was. */
function columnsOf({ scheme, keyId, wrap, wrapped }: Parameters<IngestKeyWrites['rewrap']>[1]) {
  return { scheme, keyId, wrap, wrapped };
}

export function ingestKeyNotes(db: Connection): IngestKeyNotes {
  return {
    fileArrived: ingestKeyRows(db).fileArrived,
    blobWritten: async (tenant, id, wrap) => {
      await db.run(blobWritten(tenant, id, wrap));
    },
    signed: async (tenant, id, note) => {
      await db.run(signed(tenant, id, note));
    },
  };
}
