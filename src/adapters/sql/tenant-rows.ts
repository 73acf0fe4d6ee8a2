// Tenants and their policies in SQL.
import { type Kysely, sql } from 'kysely';
import type { TenantNotes, TenantWrites } from '../../ports/rows/tenant-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { nounOr } from './mapping.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { type TenantColumns, tenants } from './tenant-mapping.ts';

const byId = (db: Kysely<Schema>, tenant: string) => db.selectFrom('tenant').selectAll().where('tenant', '=', tenant);
const find = query(byId);
const share = query((db, tenant: string) => byId(db, tenant).forShare());
const lock = query((db, tenant: string) => byId(db, tenant).forUpdate());
const all = query((db) => db.selectFrom('tenant').selectAll().orderBy('tenant'));
const newestPolicy = query((db, tenant: string) =>
  db.selectFrom('policy').selectAll().where('tenant', '=', tenant).orderBy('id', 'desc').limit(1),
);
const policyOf = query((db, tenant: string, id: string) =>
  db.selectFrom('policy').selectAll().where('tenant', '=', tenant).where('id', '=', id),
);
const policies = query((db, tenant: string, before: string | null, limit: number) => {
  const found = db.selectFrom('policy').selectAll().where('tenant', '=', tenant);
  return (before === null ? found : found.where('id', '<', before)).orderBy('id', 'desc').limit(limit);
});
const countPolicies = query((db, tenant: string, id: string) =>
  db
    .selectFrom('policy')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('tenant', '=', tenant)
    .where('id', '<=', id),
);
const change = query((db, tenant: string, version: number, to: Partial<TenantColumns>) => {
  const update = db.updateTable('tenant').set(to).where('tenant', '=', tenant).where('version', '=', version);
  const { searchable } = to;
  if (searchable === undefined) return update;
  // A change of what recordings are found by: their indexes are of an earlier version from then on.
  return update.set({
    indexVersion: sql<number>`case when searchable = ${searchable} then index_version else index_version + 1 end`,
  });
});
const setBlobWrap = query((db, tenant: string, wrap: number) =>
  db.updateTable('tenant').set({ blobWrap: wrap }).where('tenant', '=', tenant).where('metadataWrap', '=', wrap),
);

export function tenantRows(db: Connection): TenantWrites {
  return {
    find: async (tenant) => nounOr(tenants, await db.first(find(tenant))),
    share: async (tenant) => nounOr(tenants, await db.first(share(tenant))),
    lock: async (tenant) => nounOr(tenants, await db.first(lock(tenant))),
    all: async () => (await db.all(all())).map(tenants.toNoun),
    policy: async (tenant) => (await db.first(newestPolicy(tenant))) ?? null,
    policyOf: async (tenant, id) => (await db.first(policyOf(tenant, id))) ?? null,
    policies: (tenant, before, limit) => db.all(policies(tenant, before, limit)),
    countPolicies: async (tenant, id) => (await db.first(countPolicies(tenant, id)))?.n ?? 0,
    insert: async (row) => {
      await db.run(insertInto('tenant', tenants.toColumns(row)));
    },
    change: async ({ tenant, version }, to) => {
      const columns = { ...(tenants.toColumns(to) as Partial<TenantColumns>), version: version + 1 };
      return (await db.run(change(tenant, version, columns))) === 1;
    },
    insertPolicy: async (row) => {
      await db.run(insertInto('policy', row));
    },
  };
}

export function tenantNotes(db: Connection): TenantNotes {
  return {
    blobWritten: async (tenant, wrap) => {
      await db.run(setBlobWrap(tenant, wrap));
    },
  };
}
