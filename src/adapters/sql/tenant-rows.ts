// Tenants, principals and API keys in SQL.
import type { Kysely } from 'kysely';
import type { ApiKey, Principal } from '../../model/principal.ts';
import type { PrincipalWrites, TenantNotes, TenantWrites } from '../../ports/rows/tenant-rows.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function tenantRows(db: Kysely<Schema>): TenantWrites {
  const byId = (tenant: string) => db.selectFrom('tenant').selectAll().where('tenant', '=', tenant);
  return {
    find: async (tenant) => (await byId(tenant).executeTakeFirst()) ?? null,
    share: async (tenant) => (await byId(tenant).forShare().executeTakeFirst()) ?? null,
    lock: async (tenant) => (await byId(tenant).forUpdate().executeTakeFirst()) ?? null,
    all: () => db.selectFrom('tenant').selectAll().orderBy('tenant').execute(),
    policy: async (tenant) => {
      const newest = db.selectFrom('policy').selectAll().where('tenant', '=', tenant).orderBy('id', 'desc').limit(1);
      return (await newest.executeTakeFirst()) ?? null;
    },
    insert: async (row) => {
      await db.insertInto('tenant').values(row).execute();
    },
    change: async (from, to) => {
      const { numUpdatedRows } = await db
        .updateTable('tenant')
        .set({ ...to, version: from.version + 1 })
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
  const keys = versionedRows<ApiKey>(db, 'apiKey');
  return {
    ...versionedRows<Principal>(db, 'principal'),
    all: (tenant) => db.selectFrom('principal').selectAll().where('tenant', '=', tenant).orderBy('id').execute(),
    page: (tenant, after, limit) => {
      const later = db.selectFrom('principal').selectAll().where('tenant', '=', tenant).where('id', '>', after);
      return later.orderBy('id').limit(limit).execute();
    },
    findMany: async (tenant, ids) => {
      if (ids.length === 0) return [];
      const all = db.selectFrom('principal').selectAll().where('tenant', '=', tenant);
      return all.where('id', 'in', ids).orderBy('id').execute();
    },
    apiKey: async (id) => (await db.selectFrom('apiKey').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    apiKeys: (tenant, principal) => {
      const all = db.selectFrom('apiKey').selectAll().where('tenant', '=', tenant).orderBy('id');
      return (principal === null ? all : all.where('principal', '=', principal)).execute();
    },
    apiKeyPage: (tenant, before, limit) => {
      const all = db.selectFrom('apiKey').selectAll().where('tenant', '=', tenant);
      const earlier = before === null ? all : all.where('id', '<', before);
      return earlier.orderBy('id', 'desc').limit(limit).execute();
    },
    insertApiKey: keys.insert,
    changeApiKey: keys.change,
  };
}
