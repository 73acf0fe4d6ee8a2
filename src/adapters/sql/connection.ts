// A connection: runs queries in the transaction that it is in.
import { CamelCasePlugin, type Dialect, DummyDriver, Kysely } from 'kysely';
import { VaultError } from '../../errors.ts';
import { formOf, type Query, type QueryText, type Statement } from './query.ts';
import type { Schema } from './schema.ts';

/** Queries run in the order of their calls, also where the caller does not wait between: then they are sent together. */
export type Connection = {
  /** All rows, with columns in camelCase. */
  readonly all: <O>(query: Query<O>) => Promise<O[]>;
  /** The first row. */
  readonly first: <O>(query: Query<O>) => Promise<O | undefined>;
  /** The row of a query that always has one. Throws `internal` where it has none. */
  readonly one: <O>(query: Query<O>) => Promise<O>;
  /** Runs a query that writes, and returns the number of rows that it inserted, updated or deleted. */
  readonly run: (query: Query<unknown>) => Promise<number>;
};

/** `one` over `first`. */
export async function rowThere<O>(first: Promise<O | undefined>): Promise<O> {
  const row = await first;
  if (row === undefined) throw new VaultError('internal', 'a query that always has a row had none');
  return row;
}

/** Finds the statement of a query; compiles it once for each form of its arguments, in the dialect. */
export function statementsIn(dialect: Omit<Dialect, 'createDriver'>): (query: Query<unknown>) => Statement {
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (own) => dialect.createIntrospector(own),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => new DummyDriver(),
    },
    plugins: [new CamelCasePlugin()],
  });
  const byQuery = new Map<QueryText, Map<string, Statement>>();
  return ({ text, args }) => {
    const byForm = byQuery.get(text) ?? new Map<string, Statement>();
    byQuery.set(text, byForm);
    const form = formOf(args);
    const statement = byForm.get(form) ?? text.compile(db, args);
    byForm.set(form, statement);
    return statement;
  };
}

/** Columns as members' names. */
export function memberNames(columns: readonly string[]): string[] {
  return columns.map((column) => column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
}

/** A row's values as an object. */
export function rowOf<O>(names: readonly string[], values: readonly unknown[]): O {
  const row: Record<string, unknown> = {};
  for (let at = 0; at < names.length; at++) row[names[at] as string] = values[at];
  return row as O;
}
