// Kysely's SQLite dialect with explicit BEGIN statements and non-blocking waits for a busy database.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database as SqliteFile } from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type SelectQueryNode,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  SqliteQueryCompiler,
} from 'kysely';
import { VaultError } from '../../errors.ts';

/** Maximum wait for a busy database. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * Transactions start with `begin`: `begin immediate` for the writer, since a deferred one that read before another
 * process wrote fails at once (SQLITE_BUSY_SNAPSHOT), plain `begin` for the reader. SQLite's own busy timeout stays 0,
 * because it blocks the event loop; the dialect retries with jitter for up to 5 seconds, then throws `database_busy`.
 */
export class ImmediateDialect extends SqliteDialect {
  readonly #database: SqliteFile;
  readonly #begin: string;

  constructor(database: SqliteFile, begin: 'begin immediate' | 'begin') {
    super({ database });
    this.#database = database;
    this.#begin = begin;
  }

  override createDriver(): ImmediateDriver {
    return new ImmediateDriver(this.#database, this.#begin);
  }

  override createAdapter(): TransactionalAdapter {
    return new TransactionalAdapter();
  }

  override createQueryCompiler(): LocklessCompiler {
    return new LocklessCompiler();
  }
}

/** Removes FOR UPDATE and FOR SHARE: SQLite has one writer, and no row changes during its transaction. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectQuery(node: SelectQueryNode): void {
    const { endModifiers: _locks, ...unlocked } = node;
    super.visitSelectQuery(unlocked);
  }
}

/** Migrations run in one transaction, all or none, one process after the other. Kysely's default uses none. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #begin: CompiledQuery;

  constructor(database: SqliteFile, begin: string) {
    super({ database });
    this.#begin = CompiledQuery.raw(begin);
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const giveUp = performance.now() + BUSY_TIMEOUT_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        await connection.executeQuery(this.#begin);
        return;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (performance.now() > giveUp) {
          throw new VaultError('database_busy', 'the database is busy', { cause: error, retryAfter: 2 });
        }
        await sleep(Math.random() * Math.min(5 * 2 ** attempt, 250));
      }
    }
  }
}

/** Whether another connection holds SQLite's lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}

/** SQLite's result code of an error, such as SQLITE_BUSY_SNAPSHOT. */
export function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
