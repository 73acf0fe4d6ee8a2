// Wrapped keys and tenant KEKs in SQL.
import type { Kysely } from 'kysely';
import type { WrappedKeyNotes, WrappedKeyWrites } from '../../ports/rows/wrapped-key-rows.ts';
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
    envelopesBehind: (tenant, after, limit) =>
      available(tenant, after, limit).whereRef('wrappedKey.envelopeWrap', '<', 'wrappedKey.wrap').execute(),
    census: (tenant) =>
      withDeposits(db)
        .select(['wrappedKey.scheme', 'wrappedKey.keyId', 'wrappedKey.wrap', 'deposit.state'])
        .select(({ fn, eb, ref }) => [
          fn.countAll<number>().as('keys'),
          fn
            .sum<number>(
              eb
                .case()
                .when(eb('wrappedKey.envelopeWrap', '<', ref('wrappedKey.wrap')))
                .then(1)
                .else(0)
                .end(),
            )
            .as('envelopesBehind'),
        ])
        .where('wrappedKey.tenant', '=', tenant)
        .groupBy(['wrappedKey.scheme', 'wrappedKey.keyId', 'wrappedKey.wrap', 'deposit.state'])
        .orderBy('wrappedKey.wrap')
        .orderBy('wrappedKey.keyId')
        .orderBy('deposit.state')
        .execute(),
    tenantNaming: (keyId) => tenantNaming(db, keyId),
    bounds: async (tenant) => {
      const found = await db
        .selectFrom('wrappedKey')
        .select(({ fn }) => [fn.min('deposit').as('first'), fn.max('deposit').as('last')])
        .where('tenant', '=', tenant)
        .executeTakeFirst();
      const { first = null, last = null } = found ?? {};
      return first === null || last === null ? null : { first, last };
    },
    standing: async (tenant, deposits) => {
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
  // Held in the order of their ids, as an erasure takes them: whoever waits for one of them sees it as it is then.
  await db
    .selectFrom('wrappedKey')
    .select('deposit')
    .where('tenant', '=', tenant)
    .where('deposit', 'in', ids)
    .orderBy('deposit')
    .forUpdate()
    .execute();
  const done: string[] = [];
  for (const { from, to } of sorted) {
    const { numUpdatedRows } = await db
      .updateTable('wrappedKey')
      .set({ scheme: to.scheme, keyId: to.keyId, wrap: to.wrap, wrapped: to.wrapped })
      .where('tenant', '=', tenant)
      .where('deposit', '=', from.deposit)
      .where('keyId', '=', from.keyId)
      .where('wrap', '=', from.wrap)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('deposit')
            .select('id')
            .where('tenant', '=', tenant)
            .where('id', '=', from.deposit)
            .where('state', '=', 'AVAILABLE'),
        ),
      )
      .executeTakeFirst();
    if (numUpdatedRows === 1n) done.push(from.deposit);
  }
  return done;
}

async function tenantNaming(db: Kysely<Schema>, keyId: string): Promise<string | null> {
  const found = [
    await db.selectFrom('tenant').select('tenant').where('keyId', '=', keyId).limit(1).execute(),
    await db.selectFrom('tenant').select('tenant').where('metadataKeyId', '=', keyId).limit(1).execute(),
    await db.selectFrom('tenantKek').select('tenant').where('keyId', '=', keyId).limit(1).execute(),
    await db.selectFrom('wrappedKey').select('tenant').where('keyId', '=', keyId).limit(1).execute(),
  ];
  return found.flat()[0]?.tenant ?? null;
}
