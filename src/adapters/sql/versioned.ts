// The common row pattern in SQL: find by (tenant, id), insert once, update only from the version that was read.
import type { Kysely } from 'kysely';
import type { ChangeableRows, Versioned } from '../../ports/rows/versioned.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { type Mapping, nounOr, type Some } from './mapping.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

type UntypedDb = Kysely<Record<string, Record<string, unknown>>>;

type VersionedTable =
  | ('principal' | 'apiKey' | 'recording' | 'deposit' | 'accessRequest' | 'accessGrant' | 'session')
  | ('signIn' | 'signInLink' | 'passkey' | 'comment' | 'change' | 'team' | 'batch' | 'hold' | 'subjectRequest');

/** The pattern over one table: its rows in a connection. */
export function versionedTable<Row extends Versioned, Columns>(
  table: VersionedTable,
  mapping: Mapping<Row, Columns>,
): (db: Connection) => ChangeableRows<Row> {
  // One cast for all tables: Kysely cannot type a table chosen at run time.
  const loose = (db: Kysely<Schema>) => db as unknown as UntypedDb;
  const byId = (db: Kysely<Schema>, tenant: string, id: string) =>
    loose(db).selectFrom(table).selectAll().where('tenant', '=', tenant).where('id', '=', id);
  const find = query(byId);
  const lock = query((db, tenant: string, id: string) => byId(db, tenant, id).forUpdate());
  const change = query(
    (db, columns: Readonly<Record<string, unknown>>, { tenant, id, version }: Versioned, next: number) =>
      loose(db)
        .updateTable(table)
        .set({ ...columns, version: next })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('version', '=', version),
  );
  return (db) => ({
    find: async (tenant, id) => nounOr(mapping, (await db.first(find(tenant, id))) as Columns | undefined),
    lock: async (tenant, id) => nounOr(mapping, (await db.first(lock(tenant, id))) as Columns | undefined),
    insert: async (row) => {
      await db.run(insertInto(table, mapping.toColumns(row)));
    },
    change: async ({ tenant, id, version }, to) => {
      // TypeScript cannot infer that a partial row without three members is a partial row.
      const columns = mapping.toColumns(to as Some<Row>) as Readonly<Record<string, unknown>>;
      return (await db.run(change(columns, { tenant, id, version }, version + 1))) === 1;
    },
  });
}
