// Inserts of a row.
import type { Kysely } from 'kysely';
import type { Some } from './mapping.ts';
import { type Query, query } from './query.ts';
import type { Schema } from './schema.ts';

type Columns = Readonly<Record<string, unknown>>;

const inserts = new Map<keyof Schema, (row: Columns) => Query<unknown>>();

/** Inserts a row into a table; columns that are undefined stay null. */
export function insertInto<Table extends keyof Schema>(table: Table, row: Some<Schema[Table]>): Query<unknown> {
  let insert = inserts.get(table);
  if (insert === undefined) {
    insert = query((db, columns: Columns) => untyped(db).insertInto(table).values(columns));
    inserts.set(table, insert);
  }
  return insert(row as Columns);
}

/** Kysely cannot type a table that a parameter names: `Some` does. */
function untyped(db: Kysely<Schema>): Kysely<Record<string, Record<string, unknown>>> {
  return db as unknown as Kysely<Record<string, Record<string, unknown>>>;
}
