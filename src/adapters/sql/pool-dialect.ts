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
import { PostgresClient } from './postgres-client.ts';
import { toDatabaseError } from './postgres-errors.ts';

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
      return new PoolConnection(new PostgresClient(await this.#pool.connect()));
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  async beginTransaction(connection: PoolConnection, settings: TransactionSettings): Promise<void> {
    // Always sets both: a server may have other defaults.
    const { isolationLevel = 'read committed', accessMode = 'read write' } = settings;
    const begin = `start transaction isolation level ${isolationLevel} ${accessMode}`;
    await connection.client.ask((client) => client.query(begin));
  }

  async commitTransaction(connection: PoolConnection): Promise<void> {
    await connection.client.commit();
  }

  async rollbackTransaction(connection: PoolConnection): Promise<void> {
    await connection.client.rollback();
  }

  async releaseConnection(connection: PoolConnection): Promise<void> {
    connection.client.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PoolConnection implements DatabaseConnection {
  readonly client: PostgresClient;

  constructor(client: PostgresClient) {
    this.client = client;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const answer = await this.client.ask((client) => client.query<R & object>(sql, [...parameters]));
    const { command, rowCount, rows } = answer;
    const affected = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
    return affected ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
  }

  // biome-ignore lint/correctness/useYield: nothing here streams rows.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new VaultError('internal', 'rows are not streamed');
  }
}
