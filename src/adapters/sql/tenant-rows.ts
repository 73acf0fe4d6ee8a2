// Tenants, principals and API keys in SQL.
import type { Kysely } from 'kysely';
import type { PrincipalWrites, TenantNotes, TenantWrites } from '../../ports/rows/tenant-rows.ts';
import { nounOr } from './mapping.ts';
import { apiKeys, principals } from './principal-mapping.ts';
import type { Schema } from './schema.ts';
import { type TenantColumns, tenants } from './tenant-mapping.ts';
import { versionedRows } from './versioned.ts';

export function tenantRows(db: Kysely<Schema>): TenantWrites {
  const byId = (tenant: string) => db.selectFrom('tenant').selectAll().where('tenant', '=', tenant);
  return {
    find: async (tenant) => nounOr(tenants, await byId(tenant).executeTakeFirst()),
    share: async (tenant) => nounOr(tenants, await byId(tenant).forShare().executeTakeFirst()),
    lock: async (tenant) => nounOr(tenants, await byId(tenant).forUpdate().executeTakeFirst()),
    all: async () => (await db.selectFrom('tenant').selectAll().orderBy('tenant').execute()).map(tenants.toNoun),
    policy: async (tenant) => {
      const newest = db.selectFrom('policy').selectAll().where('tenant', '=', tenant).orderBy('id', 'desc').limit(1);
      return (await newest.executeTakeFirst()) ?? null;
    },
    insert: async (row) => {
      // All of a tenant's members are there.
      const columns = tenants.toColumns(row) as TenantColumns;
      await db.insertInto('tenant').values(columns).execute();
    },
    change: async (from, to) => {
      const { numUpdatedRows } = await db
        .updateTable('tenant')
        .set({ ...(tenants.toColumns(to) as Partial<TenantColumns>), version: from.version + 1 })
        .where('tenant', '=', from.tenant)
        .where('version', '=', from.version)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    insertPolicy: async (row) => {
      await db.insertInto('policy').values(row).execute();
    },
  };
}

export function tenantNotes(db: Kysely<Schema>): TenantNotes {
  return {
    blobWritten: async (tenant, wrap) => {
      await db
        .updateTable('tenant')
        .set({ blobWrap: wrap })
        .where('tenant', '=', tenant)
        .where('metadataWrap', '=', wrap)
        .execute();
    },
  };
}

export function principalRows(db: Kysely<Schema>): PrincipalWrites {
  const keys = versionedRows(db, 'apiKey', apiKeys);
  return {
    ...versionedRows(db, 'principal', principals),
    all: async (tenant) => {
      const all = db.selectFrom('principal').selectAll().where('tenant', '=', tenant);
      return (await all.orderBy('id').execute()).map(principals.toNoun);
    },
    page: async (tenant, after, limit) => {
      const later = db.selectFrom('principal').selectAll().where('tenant', '=', tenant).where('id', '>', after);
      return (await later.orderBy('id').limit(limit).execute()).map(principals.toNoun);
    },
    findMany: async (tenant, ids) => {
      if (ids.length === 0) return [];
      const all = db.selectFrom('principal').selectAll().where('tenant', '=', tenant);
      return (await all.where('id', 'in', ids).orderBy('id').execute()).map(principals.toNoun);
    },
    apiKey: async (id) => {
      const one = db.selectFrom('apiKey').selectAll().where('id', '=', id);
      return nounOr(apiKeys, await one.executeTakeFirst());
    },
    apiKeys: async (tenant, principal) => {
      const all = db.selectFrom('apiKey').selectAll().where('tenant', '=', tenant).orderBy('id');
      const rows = await (principal === null ? all : all.where('principal', '=', principal)).execute();
      return rows.map(apiKeys.toNoun);
    },
    apiKeyPage: async (tenant, before, limit) => {
      const all = db.selectFrom('apiKey').selectAll().where('tenant', '=', tenant);
      const earlier = before === null ? all : all.where('id', '<', before);
      return (await earlier.orderBy('id', 'desc').limit(limit).execute()).map(apiKeys.toNoun);
    },
    insertApiKey: keys.insert,
    changeApiKey: keys.change,
  };
}
