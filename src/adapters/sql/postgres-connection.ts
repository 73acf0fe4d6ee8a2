// A connection of the pool: prepared statements, and transactions whose first and last messages take no wait.
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type pg from 'pg';
import { VaultError } from '../../errors.ts';
import { type Connection, memberNames, rowOf, rowThere, statementsIn } from './connection.ts';
import { isFromServer, isPlanOutdated, toCommitError, toDatabaseError } from './postgres-errors.ts';
import { type Query, type Statement, valuesOf } from './query.ts';

const statementOf = statementsIn({
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
});

// Names of members by statement: pg reports the columns with each result.
const namesByStatement = new WeakMap<Statement, readonly string[]>();

// Part of every statement's name; another number makes all connections prepare their statements again.
let generation = 0;

const byClient = new WeakMap<pg.PoolClient, PostgresTransaction>();

/** The connection of a client that the pool lends; each is used by one transaction at a time. */
export function transactionOn(client: pg.PoolClient): PostgresTransaction {
  const known = byClient.get(client) ?? new PostgresTransaction(client);
  byClient.set(client, known);
  return known;
}

/** A client of the pool and its transactions, one after another. */
export class PostgresTransaction implements Connection {
  readonly #client: pg.PoolClient;
  #begun: Promise<unknown> | undefined;
  /** Queries wait for the begin from the first that writes on: without a transaction the server would commit it at once. */
  #waits = false;
  #lost = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** Begins without waiting: a first query that only reads follows at once. */
  begin(mode: string): void {
    // Always sets both: a server may have other defaults.
    this.#waits = false;
    this.#begun = this.#client.query(`start transaction ${mode}`);
    this.#begun.catch((error: unknown) => this.#note(error));
  }

  async all<O>(query: Query<O>): Promise<O[]> {
    const statement = statementOf(query);
    const { fields, rows } = await this.#send(statement, query);
    const known = namesByStatement.get(statement);
    const names = known?.length === fields.length ? known : memberNames(fields.map(({ name }) => name));
    namesByStatement.set(statement, names);
    return rows.map((values) => rowOf<O>(names, values));
  }

  async first<O>(query: Query<O>): Promise<O | undefined> {
    return (await this.all(query))[0];
  }

  one<O>(query: Query<O>): Promise<O> {
    return rowThere(this.first(query));
  }

  async run(query: Query<unknown>): Promise<number> {
    return (await this.#send(statementOf(query), query)).rowCount ?? 0;
  }

  /** Ends a transaction that wrote. Throws where it is not certain that the server committed it. */
  async commit(): Promise<void> {
    let done: string;
    try {
      await this.#begun;
      done = (await this.#client.query('commit')).command;
    } catch (error) {
      this.#note(error);
      throw toCommitError(error);
    }
    // PostgreSQL answers COMMIT with ROLLBACK where an earlier statement failed and its error was ignored.
    if (done !== 'COMMIT') throw new VaultError('internal', 'a transaction with a failed statement was not committed');
  }

  /** Ends a transaction that only read, without waiting: the next user of the connection waits behind it. */
  end(): void {
    this.#client.query('commit').catch(() => undefined);
  }

  /** Never throws: the original error counts. Discards a connection that cannot roll back. */
  async rollback(): Promise<void> {
    if (this.#lost) return;
    try {
      await this.#client.query('rollback');
    } catch {
      this.#lost = true;
    }
  }

  release(): void {
    this.#client.release(this.#lost);
  }

  async #send(statement: Statement, { args }: Query<unknown>): Promise<pg.QueryArrayResult<unknown[]>> {
    const values = valuesOf(statement, args);
    const name = `${statement.name}_${generation}`;
    try {
      this.#waits ||= statement.writes;
      if (this.#waits) await this.#begun;
      const sent = this.#client.query<unknown[]>({ name, text: statement.sql, values, rowMode: 'array' });
      sent.catch(() => undefined);
      await this.#begun;
      return await sent;
    } catch (error) {
      this.#note(error);
      // Another process migrated the tables.
      if (isPlanOutdated(error)) generation++;
      throw toDatabaseError(error);
    }
  }

  #note(error: unknown): void {
    if (!isFromServer(error)) this.#lost = true;
  }
}
