// The pattern of most rows: find by (tenant, id), insert once, change only from the version that was read.
import type { Kysely } from 'kysely';
import type { ChangeableRows, Versioned } from '../../ports/rows/versioned.ts';
import type { Schema } from './schema.ts';

type UntypedDb = Kysely<Record<string, Record<string, unknown>>>;

type VersionedTable =
  | ('principal' | 'apiKey' | 'recording' | 'deposit' | 'accessRequest' | 'accessGrant' | 'session')
  | ('signIn' | 'signInLink' | 'passkey' | 'comment');

/** The pattern over one table. */
export function versionedRows<Row extends Versioned>(db: Kysely<Schema>, table: VersionedTable): ChangeableRows<Row> {
  // One cast for all tables: Kysely cannot type a table chosen at run time.
  const loose = db as unknown as UntypedDb;
  const byId = (tenant: string, id: string) =>
    loose.selectFrom(table).selectAll().where('tenant', '=', tenant).where('id', '=', id);
  return {
    find: async (tenant, id) => ((await byId(tenant, id).executeTakeFirst()) as Row | undefined) ?? null,
    lock: async (tenant, id) => ((await byId(tenant, id).forUpdate().executeTakeFirst()) as Row | undefined) ?? null,
    insert: async (row) => {
      await loose
        .insertInto(table)
        .values({ ...row })
        .execute();
    },
    change: async (from, to) => {
      const { numUpdatedRows } = await loose
        .updateTable(table)
        .set({ ...to, version: from.version + 1 })
        .where('tenant', '=', from.tenant)
        .where('id', '=', from.id)
        .where('version', '=', from.version)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}
