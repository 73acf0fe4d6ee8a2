// Writes of many rows by few statements.

import type { Kysely } from 'kysely';
import type { Connection } from './connection.ts';
import type { Some } from './mapping.ts';
import { type Query, query } from './query.ts';
import type { Schema } from './schema.ts';

type Columns = Readonly<Record<string, unknown>>;

/** The most rows of a statement: with 40 columns each, an eighth of the parameters that either engine takes. */
const MOST = 128;

/** Parts of a list whose lengths are powers of two: a statement for every length would fill the statements kept. */
export function inPowers<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < rows.length; ) {
    const length = Math.min(MOST, 2 ** Math.floor(Math.log2(rows.length - at)));
    parts.push(rows.slice(at, at + length));
    at += length;
  }
  return parts;
}

const inserts = new Map<keyof Schema, (...rows: Columns[]) => Query<unknown>>();

/** Inserts rows into a table. All rows must have the same columns. */
export async function insertRows<Table extends keyof Schema>(
  db: Connection,
  table: Table,
  rows: readonly Some<Schema[Table]>[],
): Promise<void> {
  let insert = inserts.get(table);
  if (insert === undefined) {
    insert = query((kysely, ...columns: Columns[]) => untyped(kysely).insertInto(table).values(columns));
    inserts.set(table, insert);
  }
  const made = insert;
  await Promise.all(inPowers(rows).map((part) => db.run(made(...(part as readonly Columns[])))));
}

/** Kysely cannot type a table that a parameter names: `Some` does. */
function untyped(db: Kysely<Schema>): Kysely<Record<string, Record<string, unknown>>> {
  return db as unknown as Kysely<Record<string, Record<string, unknown>>>;
}
