// The common row pattern in SQL: find by (tenant, id), insert once, update only from the version that was read.
import type { Kysely } from 'kysely';
import type { ChangeableRows, Versioned } from '../../ports/rows/versioned.ts';
import { type Mapping, nounOr, type Some } from './mapping.ts';
import type { Schema } from './schema.ts';

type UntypedDb = Kysely<Record<string, Record<string, unknown>>>;

type VersionedTable =
  | ('principal' | 'apiKey' | 'recording' | 'deposit' | 'accessRequest' | 'accessGrant' | 'session')
  | ('signIn' | 'signInLink' | 'passkey' | 'comment');

/** The pattern over one table. */
export function versionedRows<Row extends Versioned, Columns>(
  db: Kysely<Schema>,
  table: VersionedTable,
  mapping: Mapping<Row, Columns>,
): ChangeableRows<Row> {
  // One cast for all tables: Kysely cannot type a table chosen at run time.
  const loose = db as unknown as UntypedDb;
  const byId = (tenant: string, id: string) =>
    loose.selectFrom(table).selectAll().where('tenant', '=', tenant).where('id', '=', id);
  return {
    find: async (tenant, id) => nounOr(mapping, (await byId(tenant, id).executeTakeFirst()) as Columns | undefined),
    lock: async (tenant, id) =>
      nounOr(mapping, (await byId(tenant, id).forUpdate().executeTakeFirst()) as Columns | undefined),
    insert: async (row) => {
      await loose.insertInto(table).values(mapping.toColumns(row)).execute();
    },
    change: async (from, to) => {
      // TypeScript cannot infer that a partial row without three members is a partial row.
      const columns = mapping.toColumns(to as Some<Row>);
      const { numUpdatedRows } = await loose
        .updateTable(table)
        .set({ ...columns, version: from.version + 1 })
        .where('tenant', '=', from.tenant)
        .where('id', '=', from.id)
        .where('version', '=', from.version)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}
