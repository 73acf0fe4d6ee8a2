// A handle of SQLite that keeps its prepared statements.
import type { Statement as Prepared, Database as SqliteFile } from 'better-sqlite3';
import { VaultError } from '../../errors.ts';
import { type Connection, memberNames, rowOf, rowThere, statementsIn } from './connection.ts';
import { LocklessDialect } from './lockless-dialect.ts';
import { type Query, type Statement, valuesOf } from './query.ts';

type Kept = { readonly prepared: Prepared<unknown[], unknown[]>; names: readonly string[] };

/** A connection, and how many rows its statements have changed, but for those that return rows. */
export type SqliteConnection = Connection & { readonly changedRows: () => number };

/** The handle as a connection. Nothing of it waits: a promise only carries the result. */
export function sqliteConnection(file: SqliteFile): SqliteConnection {
  let changed = 0;
  const statementOf = statementsIn(new LocklessDialect({ database: file }));
  const kept = new Map<Statement, Kept>();

  const prepare = (statement: Statement): Kept => {
    let one = kept.get(statement);
    if (one !== undefined) return one;
    const prepared = file.prepare<unknown[], unknown[]>(statement.sql);
    one = { prepared: prepared.reader ? prepared.raw(true) : prepared, names: namesOf(prepared) };
    kept.set(statement, one);
    return one;
  };

  // A full disk can end a transaction inside a statement. What was called together with that one must not follow alone.
  const requireTransaction = (): void => {
    if (!file.inTransaction)
      throw new VaultError('database_unavailable', 'the transaction has ended', { retryAfter: 5 });
  };

  const rows = <O>(query: Query<O>): O[] => {
    requireTransaction();
    const statement = statementOf(query);
    const one = prepare(statement);
    const found = one.prepared.all(...valuesOf(statement, query.args));
    // Another process may have added a column since: SQLite prepares the statement again by itself.
    if (found[0] !== undefined && found[0].length !== one.names.length) one.names = namesOf(one.prepared);
    return found.map((values) => rowOf<O>(one.names, values));
  };

  const first: Connection['first'] = async (query) => rows(query)[0];

  return {
    all: async (query) => rows(query),
    first,
    one: (query) => rowThere(first(query)),
    run: async (query) => {
      requireTransaction();
      const statement = statementOf(query);
      const { changes } = prepare(statement).prepared.run(...valuesOf(statement, query.args));
      changed += changes;
      return changes;
    },
    changedRows: () => changed,
  };
}

function namesOf(prepared: Prepared<unknown[], unknown[]>): string[] {
  return prepared.reader ? memberNames(prepared.columns().map(({ name }) => name)) : [];
}
