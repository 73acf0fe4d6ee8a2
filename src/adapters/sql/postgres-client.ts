// A client that the pool lends: errors in the port's terms, and whether it can be lent again.
import type pg from 'pg';
import { VaultError } from '../../errors.ts';
import { isFromServer, toCommitError, toDatabaseError } from './postgres-errors.ts';

/** A lent client: its errors as the port's, and discarded at its release where its connection is lost. */
export class PostgresClient {
  readonly #client: pg.PoolClient;
  #lost = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** The server's answer to what `send` sends. Throws its errors as the port's. */
  async ask<T>(send: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    try {
      return await send(this.#client);
    } catch (error) {
      this.#note(error);
      throw toDatabaseError(error);
    }
  }

  /** Throws where it is not certain that the server committed. */
  async commit(): Promise<void> {
    let done: string;
    try {
      done = (await this.#client.query('commit')).command;
    } catch (error) {
      this.#note(error);
      throw toCommitError(error);
    }
    // PostgreSQL answers COMMIT with ROLLBACK where an earlier statement failed and its error was ignored.
    if (done !== 'COMMIT') throw new VaultError('internal', 'a transaction with a failed statement was not committed');
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
