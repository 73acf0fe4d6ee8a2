// Principals and API keys in SQL.
import type { Kysely } from 'kysely';
import type { PrincipalWrites } from '../../ports/rows/tenant-rows.ts';
import type { Connection } from './connection.ts';
import { nounOr } from './mapping.ts';
import { apiKeys, principals } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('principal', principals);
const apiKeyTable = versionedTable('apiKey', apiKeys);

const inTenant = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('principal').selectAll().where('tenant', '=', tenant);
const apiKeysIn = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('apiKey').selectAll().where('tenant', '=', tenant);

const all = query((db, tenant: string) => inTenant(db, tenant).orderBy('id'));
const page = query((db, tenant: string, after: string, limit: number) =>
  inTenant(db, tenant).where('id', '>', after).orderBy('id').limit(limit),
);
const findMany = query((db, tenant: string, ids: readonly string[]) =>
  inTenant(db, tenant).where('id', 'in', ids).orderBy('id'),
);
const lockMany = query((db, tenant: string, ids: readonly string[]) =>
  inTenant(db, tenant).where('id', 'in', ids).orderBy('id').forUpdate(),
);
const apiKey = query((db, id: string) => db.selectFrom('apiKey').selectAll().where('id', '=', id));
const apiKeysOf = query((db, tenant: string, principal: string | null) => {
  const own = apiKeysIn(db, tenant).orderBy('id');
  return principal === null ? own : own.where('principal', '=', principal);
});
const apiKeyPage = query((db, tenant: string, before: string | null, limit: number) => {
  const newest = apiKeysIn(db, tenant).orderBy('id', 'desc').limit(limit);
  return before === null ? newest : newest.where('id', '<', before);
});

export function principalRows(db: Connection): PrincipalWrites {
  const keys = apiKeyTable(db);
  return {
    ...table(db),
    all: async (tenant) => (await db.all(all(tenant))).map(principals.toNoun),
    page: async (tenant, after, limit) => (await db.all(page(tenant, after, limit))).map(principals.toNoun),
    findMany: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(findMany(tenant, ids))).map(principals.toNoun),
    lockMany: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(lockMany(tenant, ids))).map(principals.toNoun),
    apiKey: async (id) => nounOr(apiKeys, await db.first(apiKey(id))),
    apiKeys: async (tenant, principal) => (await db.all(apiKeysOf(tenant, principal))).map(apiKeys.toNoun),
    apiKeyPage: async (tenant, before, limit) => (await db.all(apiKeyPage(tenant, before, limit))).map(apiKeys.toNoun),
    insertApiKey: keys.insert,
    changeApiKey: keys.change,
  };
}
