// Wrapped keys and tenant KEKs in SQL.
import type { Kysely } from 'kysely';
import type { RewrappedKey, WrappedKeyNotes, WrappedKeyWrites } from '../../ports/rows/wrapped-key-rows.ts';
import { keyCensus } from './key-census.ts';
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

export function wrappedKeyRows(db: Kysely<Schema>): WrappedKeyWrites {
  const available = (tenant: string, after: string, limit: number) =>
    withDeposits(db)
      .select([...KEY_COLUMNS, 'deposit.recording'])
      .where('wrappedKey.tenant', '=', tenant)
      .where('wrappedKey.deposit', '>', after)
      .where('deposit.state', '=', 'AVAILABLE')
      .orderBy('wrappedKey.deposit')
      .limit(limit);
  return {
    find: async (tenant, deposit) => (await ofDeposit(db, tenant, deposit).executeTakeFirst()) ?? null,
    below: (tenant, wrap, after, limit) =>
      available(tenant, after, limit).where('wrappedKey.wrap', '<', wrap).execute(),
    isAnyBelow: async (tenant, wrap) => {
      const below = db.selectFrom('wrappedKey').select('deposit').where('tenant', '=', tenant).where('wrap', '<', wrap);
      return (await below.limit(1).execute()).length > 0;
    },
    envelopesBehind: (tenant, after, limit) =>
      available(tenant, after, limit).whereRef('wrappedKey.envelopeWrap', '<', 'wrappedKey.wrap').execute(),
    census: (tenant) => keyCensus(db, tenant),
    tenantNaming: (keyId) => tenantUsingKey(db, keyId),
    bounds: async (tenant) => {
      const found = await db
        .selectFrom('wrappedKey')
        .select(({ fn }) => [fn.min('deposit').as('first'), fn.max('deposit').as('last')])
        .where('tenant', '=', tenant)
        .executeTakeFirst();
      const { first = null, last = null } = found ?? {};
      return first === null || last === null ? null : { first, last };
    },
    stillAvailable: async (tenant, deposits) => {
      const rows = await withDeposits(db)
        .select('wrappedKey.deposit')
        .where('wrappedKey.tenant', '=', tenant)
        .where('wrappedKey.deposit', 'in', deposits)
        .where('deposit.state', '=', 'AVAILABLE')
        .orderBy('wrappedKey.deposit')
        .execute();
      return rows.map(({ deposit }) => deposit);
    },
    tenantKeks: (tenant) =>
      db.selectFrom('tenantKek').selectAll().where('tenant', '=', tenant).orderBy('wrap').execute(),
    insert: async (row) => {
      await db.insertInto('wrappedKey').values(row).execute();
    },
    delete: async (tenant, deposit) => {
      await db.deleteFrom('wrappedKey').where('tenant', '=', tenant).where('deposit', '=', deposit).execute();
    },
    setEnvelope: async (tenant, deposit, wrap) => {
      await db
        .updateTable('wrappedKey')
        .set({ envelopeWrap: wrap })
        .where('tenant', '=', tenant)
        .where('deposit', '=', deposit)
        .execute();
    },
    rewrap: (tenant, keys) => rewrap(db, tenant, keys),
    insertTenantKek: async (row) => {
      await db.insertInto('tenantKek').values(row).execute();
    },
    deleteTenantKek: async (tenant, id) => {
      await db.deleteFrom('tenantKek').where('tenant', '=', tenant).where('id', '=', id).execute();
    },
  };
}

export function wrappedKeyNotes(db: Kysely<Schema>): WrappedKeyNotes {
  return {
    envelopesWritten: async (tenant, deposits, wrap) => {
      await db
        .updateTable('wrappedKey')
        .set({ envelopeWrap: wrap })
        .where('tenant', '=', tenant)
        .where('deposit', 'in', deposits)
        .where('wrap', '=', wrap)
        .execute();
    },
    envelopeFound: async (tenant, deposit, wrap) => {
      await db
        .updateTable('wrappedKey')
        .set({ envelopeWrap: wrap })
        .where('tenant', '=', tenant)
        .where('deposit', '=', deposit)
        .where('envelopeWrap', '>', wrap)
        .execute();
    },
  };
}

function ofDeposit(db: Kysely<Schema>, tenant: string, deposit: string) {
  return db.selectFrom('wrappedKey').selectAll().where('tenant', '=', tenant).where('deposit', '=', deposit);
}

function withDeposits(db: Kysely<Schema>) {
  return db
    .selectFrom('wrappedKey')
    .innerJoin('deposit', (join) =>
      join.onRef('deposit.tenant', '=', 'wrappedKey.tenant').onRef('deposit.id', '=', 'wrappedKey.deposit'),
    );
}

async function rewrap(db: Kysely<Schema>, ...[tenant, keys]: Parameters<WrappedKeyWrites['rewrap']>) {
  const sorted = [...keys].sort((a, b) => (a.from.deposit < b.from.deposit ? -1 : 1));
  const ids = sorted.map(({ from }) => from.deposit);
  // Locked in the order of ids, as an erasure does: a transaction that waits for one then sees its new state.
  await db
    .selectFrom('wrappedKey')
    .select('deposit')
    .where('tenant', '=', tenant)
    .where('deposit', 'in', ids)
    .orderBy('deposit')
    .forUpdate()
    .execute();
  const done: string[] = [];
  for (const group of groupByMove(sorted)) done.push(...(await replaceGroup(db, tenant, group)));
  return done.sort();
}

/** Groups keys with the same old and new key and generation: one statement replaces a group. */
function groupByMove(keys: readonly RewrappedKey[]): readonly (readonly [RewrappedKey, ...RewrappedKey[]])[] {
  const groups = new Map<string, [RewrappedKey, ...RewrappedKey[]]>();
  for (const key of keys) {
    const name = JSON.stringify([key.from.keyId, key.from.wrap, key.to.scheme, key.to.keyId, key.to.wrap]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [key]);
    else group.push(key);
  }
  return [...groups.values()];
}

async function replaceGroup(
  db: Kysely<Schema>,
  tenant: string,
  keys: readonly [RewrappedKey, ...RewrappedKey[]],
): Promise<string[]> {
  const [{ from, to }, ...rest] = keys;
  const rows = await db
    .updateTable('wrappedKey')
    .set(({ eb, ref }) => {
      let wrapped = eb.case('deposit').when(from.deposit).then(to.wrapped);
      for (const key of rest) wrapped = wrapped.when(key.from.deposit).then(key.to.wrapped);
      // The last column lets PostgreSQL infer the values' type.
      return { scheme: to.scheme, keyId: to.keyId, wrap: to.wrap, wrapped: wrapped.else(ref('wrapped')).end() };
    })
    .where('tenant', '=', tenant)
    .where('keyId', '=', from.keyId)
    .where('wrap', '=', from.wrap)
    .where(
      'deposit',
      'in',
      keys.map((key) => key.from.deposit),
    )
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('deposit')
          .select('deposit.id')
          .where('deposit.tenant', '=', tenant)
          .whereRef('deposit.id', '=', 'wrappedKey.deposit')
          .where('deposit.state', '=', 'AVAILABLE'),
      ),
    )
    .returning('wrappedKey.deposit')
    .execute();
  return rows.map(({ deposit }) => deposit);
}

async function tenantUsingKey(db: Kysely<Schema>, keyId: string): Promise<string | null> {
  const found = [
    await db.selectFrom('tenant').select('tenant').where('keyId', '=', keyId).limit(1).execute(),
    await db.selectFrom('tenant').select('tenant').where('metadataKeyId', '=', keyId).limit(1).execute(),
    await db.selectFrom('tenantKek').select('tenant').where('keyId', '=', keyId).limit(1).execute(),
    await db.selectFrom('wrappedKey').select('tenant').where('keyId', '=', keyId).limit(1).execute(),
  ];
  return found.flat()[0]?.tenant ?? null;
}
