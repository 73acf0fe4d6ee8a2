// Wrapped keys and tenant KEKs in SQL.
import type { Kysely } from 'kysely';
import type { WrappedKeyNotes, WrappedKeyWrites } from '../../ports/rows/wrapped-key-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { countKeys, countUnsettled } from './key-census.ts';
import { query } from './query.ts';
import { replaceWrappedKeys } from './rewrap.ts';
import type { Schema } from './schema.ts';

const KEY_COLUMNS = [
  'wrappedKey.tenant',
  'wrappedKey.deposit',
  'wrappedKey.scheme',
  'wrappedKey.keyId',
  'wrappedKey.wrap',
  'wrappedKey.wrapped',
  'wrappedKey.envelopeWrap',
] as const;

const withDeposits = (db: Kysely<Schema>, tenant: string) =>
  db
    .selectFrom('wrappedKey')
    .innerJoin('deposit', (join) =>
      join.onRef('deposit.tenant', '=', 'wrappedKey.tenant').onRef('deposit.id', '=', 'wrappedKey.deposit'),
    )
    .where('wrappedKey.tenant', '=', tenant)
    .where('deposit.state', '=', 'AVAILABLE');
const available = (db: Kysely<Schema>, tenant: string, after: string, limit: number) =>
  withDeposits(db, tenant)
    .select([...KEY_COLUMNS, 'deposit.recording'])
    .where('wrappedKey.deposit', '>', after)
    .orderBy('wrappedKey.deposit')
    .limit(limit);

const find = query((db, tenant: string, deposit: string) =>
  db.selectFrom('wrappedKey').selectAll().where('tenant', '=', tenant).where('deposit', '=', deposit),
);
const below = query((db, tenant: string, wrap: number, after: string, limit: number) =>
  available(db, tenant, after, limit).where('wrappedKey.wrap', '<', wrap),
);
const anyBelow = query((db, tenant: string, wrap: number) =>
  db.selectFrom('wrappedKey').select('deposit').where('tenant', '=', tenant).where('wrap', '<', wrap).limit(1),
);
const envelopesBehind = query((db, tenant: string, after: string, limit: number) =>
  available(db, tenant, after, limit).whereRef('wrappedKey.envelopeWrap', '<', 'wrappedKey.wrap'),
);
const bounds = query((db, tenant: string) =>
  db
    .selectFrom('wrappedKey')
    .select(({ fn }) => [fn.min('deposit').as('first'), fn.max('deposit').as('last')])
    .where('tenant', '=', tenant),
);
const stillAvailable = query((db, tenant: string, deposits: readonly string[]) =>
  withDeposits(db, tenant)
    .select('wrappedKey.deposit')
    .where('wrappedKey.deposit', 'in', deposits)
    .orderBy('wrappedKey.deposit'),
);
const tenantKeks = query((db, tenant: string) =>
  db.selectFrom('tenantKek').selectAll().where('tenant', '=', tenant).orderBy('wrap'),
);
const namingKey = [
  query((db, keyId: string) => db.selectFrom('tenant').select('tenant').where('keyId', '=', keyId).limit(1)),
  query((db, keyId: string) => db.selectFrom('tenant').select('tenant').where('metadataKeyId', '=', keyId).limit(1)),
  query((db, keyId: string) => db.selectFrom('tenantKek').select('tenant').where('keyId', '=', keyId).limit(1)),
  query((db, keyId: string) => db.selectFrom('ingestKey').select('tenant').where('keyId', '=', keyId).limit(1)),
  query((db, keyId: string) => db.selectFrom('wrappedKey').select('tenant').where('keyId', '=', keyId).limit(1)),
];

const deleteKey = query((db, tenant: string, deposit: string) =>
  db.deleteFrom('wrappedKey').where('tenant', '=', tenant).where('deposit', '=', deposit),
);
const setEnvelope = query((db, tenant: string, deposit: string, wrap: number) =>
  db.updateTable('wrappedKey').set({ envelopeWrap: wrap }).where('tenant', '=', tenant).where('deposit', '=', deposit),
);
const deleteKek = query((db, tenant: string, id: string) =>
  db.deleteFrom('tenantKek').where('tenant', '=', tenant).where('id', '=', id),
);

export function wrappedKeyRows(db: Connection): WrappedKeyWrites {
  return {
    find: async (tenant, deposit) => (await db.first(find(tenant, deposit))) ?? null,
    below: (tenant, wrap, after, limit) => db.all(below(tenant, wrap, after, limit)),
    isAnyBelow: async (tenant, wrap) => (await db.first(anyBelow(tenant, wrap))) !== undefined,
    envelopesBehind: (tenant, after, limit) => db.all(envelopesBehind(tenant, after, limit)),
    countKeys: (tenant, after) => countKeys(db, tenant, after),
    countUnsettled: (tenant) => countUnsettled(db, tenant),
    tenantNaming: async (keyId) => {
      for (const named of namingKey) {
        const row = await db.first(named(keyId));
        if (row !== undefined) return row.tenant;
      }
      return null;
    },
    bounds: async (tenant) => {
      const { first, last } = await db.one(bounds(tenant));
      return first === null || last === null ? null : { first, last };
    },
    stillAvailable: async (tenant, deposits) =>
      (await db.all(stillAvailable(tenant, deposits))).map(({ deposit }) => deposit),
    tenantKeks: (tenant) => db.all(tenantKeks(tenant)),
    insert: async (row) => {
      await db.run(insertInto('wrappedKey', row));
    },
    delete: async (tenant, deposit) => {
      await db.run(deleteKey(tenant, deposit));
    },
    setEnvelope: async (tenant, deposit, wrap) => {
      await db.run(setEnvelope(tenant, deposit, wrap));
    },
    rewrap: (tenant, keys) => replaceWrappedKeys(db, tenant, keys),
    insertTenantKek: async (row) => {
      await db.run(insertInto('tenantKek', row));
    },
    deleteTenantKek: async (tenant, id) => {
      await db.run(deleteKek(tenant, id));
    },
  };
}

const setEnvelopes = query((db, tenant: string, deposits: readonly string[], wrap: number) =>
  db
    .updateTable('wrappedKey')
    .set({ envelopeWrap: wrap })
    .where('tenant', '=', tenant)
    .where('deposit', 'in', deposits)
    .where('wrap', '=', wrap),
);
const lowerEnvelope = query((db, tenant: string, deposit: string, wrap: number) =>
  db
    .updateTable('wrappedKey')
    .set({ envelopeWrap: wrap })
    .where('tenant', '=', tenant)
    .where('deposit', '=', deposit)
    .where('envelopeWrap', '>', wrap),
);

export function wrappedKeyNotes(db: Connection): WrappedKeyNotes {
  return {
    envelopesWritten: async (tenant, deposits, wrap) => {
      await db.run(setEnvelopes(tenant, deposits, wrap));
    },
    envelopeFound: async (tenant, deposit, wrap) => {
      await db.run(lowerEnvelope(tenant, deposit, wrap));
    },
  };
}
