// A connection of the pool: prepared statements, and transactions whose first and last messages take no wait.
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type pg from 'pg';
import { type Connection, memberNames, rowOf, rowThere, statementsIn } from './connection.ts';
import { PostgresClient } from './postgres-client.ts';
import { isPlanOutdated } from './postgres-errors.ts';
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
  readonly #client: PostgresClient;
  #begun: Promise<unknown> | undefined;
  /** Queries wait for the begin from the first that writes on: without a transaction the server would commit it at once. */
  #waits = false;

  constructor(client: pg.PoolClient) {
    this.#client = new PostgresClient(client);
  }

  /** Begins without waiting: a first query that only reads follows at once. */
  begin(mode: string): void {
    this.#waits = false;
    // Always sets both: a server may have other defaults.
    this.#begun = this.#client.ask((client) => client.query(`start transaction ${mode}`));
    this.#begun.catch(() => undefined);
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
    await this.#begun;
    await this.#client.commit();
  }

  /** Ends a transaction that only read, without waiting: the next user of the connection waits behind it. */
  end(): void {
    this.#client.ask((client) => client.query('commit')).catch(() => undefined);
  }

  rollback(): Promise<void> {
    return this.#client.rollback();
  }

  release(): void {
    this.#client.release();
  }

  async #send(statement: Statement, { args }: Query<unknown>): Promise<pg.QueryArrayResult<unknown[]>> {
    const values = valuesOf(statement, args);
    const name = `${statement.name}_${generation}`;
    const text = { name, text: statement.sql, values, rowMode: 'array' } as const;
    this.#waits ||= statement.writes;
    if (this.#waits) await this.#begun;
    const sent = this.#client.ask((client) => client.query<unknown[]>(text));
    sent.catch((error: unknown) => {
      // Another process migrated the tables.
      if (isPlanOutdated(error)) generation++;
    });
    await this.#begun;
    return sent;
  }
}
