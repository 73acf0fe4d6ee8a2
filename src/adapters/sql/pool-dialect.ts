// Kysely dialect over a pool of PostgreSQL connections: converts errors, and reports a COMMIT without an answer as unknown.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type pg from 'pg';
import { VaultError } from '../../errors.ts';
import { isFromServer, toCommitError, toDatabaseError } from './postgres-errors.ts';

/**
 * Replaces Kysely's driver, which reports a failed ROLLBACK instead of the original error, exposes the server's messages,
 * and cannot distinguish a rejected COMMIT from one whose answer was lost.
 */
export function poolDialect(pool: pg.Pool): Dialect {
  return {
    createDriver: () => new PoolDriver(pool),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  };
}

class PoolDriver implements Driver {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async init(): Promise<void> {
    // The pool connects on demand.
  }

  async acquireConnection(): Promise<PoolConnection> {
    try {
      return new PoolConnection(await this.#pool.connect());
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  async beginTransaction(connection: PoolConnection, settings: TransactionSettings): Promise<void> {
    // Always sets both: a server may have other defaults.
    const { isolationLevel = 'read committed', accessMode = 'read write' } = settings;
    await connection.run(`start transaction isolation level ${isolationLevel} ${accessMode}`);
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    const done = await connection.commit();
    // PostgreSQL answers COMMIT with ROLLBACK where an earlier statement failed and its error was ignored.
    if (done !== 'COMMIT') throw new VaultError('internal', 'a transaction with a failed statement was not committed');
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    await connection.rollback();
  }

  async releaseConnection(connection: PoolConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PoolConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  #lost = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rowCount, rows } = await this.run<R & object>(sql, parameters);
    const affected = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
    return affected ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
  }

  // biome-ignore lint/correctness/useYield: nothing here streams rows.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new VaultError('internal', 'rows are not streamed');
  }

  async run<R extends object>(sql: string, parameters: readonly unknown[] = []): Promise<pg.QueryResult<R>> {
    try {
      return await this.#client.query<R>(sql, [...parameters]);
    } catch (error) {
      this.#note(error);
      throw toDatabaseError(error);
    }
  }

  async commit(): Promise<string> {
    try {
      return (await this.#client.query('commit')).command;
    } catch (error) {
      this.#note(error);
      throw toCommitError(error);
    }
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

  #note(error: unknown): void {
    if (!isFromServer(error)) this.#lost = true;
  }
}
