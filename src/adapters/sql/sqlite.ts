// SQLite: one writer handle and a read-only one over a file in WAL mode.

import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteFile from 'better-sqlite3';
import { CamelCasePlugin, Kysely, Migrator, sql } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Forgotten } from '../../ports/database.ts';
import { createDatabase } from './database.ts';
import { BUSY_TIMEOUT_MS, ImmediateDialect, isBusy, sqliteCode } from './immediate-dialect.ts';
import type { LogIdentity } from './log.ts';
import { migrationsFor } from './migrations/migrations.ts';
import type { Schema } from './schema.ts';

/** Options besides the path. `fatal` is called once the file can no longer be trusted; it must end the process. */
export type SqliteOptions = {
  readonly clock: Clock;
  readonly identity: LogIdentity;
  readonly fatal: (error: unknown) => void;
};

/** Opens or creates the database at `path` and migrates its tables. Throws `database_unavailable`. */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Database> {
  const files: SqliteFile.Database[] = [];
  try {
    const writer = openFile(path, false, files);
    const db = kyselyOver(writer, 'begin immediate');
    await retryWhileBusy(() => migrate(db));
    const reader = kyselyOver(openFile(path, true, files), 'begin');
    const engine = {
      read: <T>(work: (rows: Kysely<Schema>) => Promise<T>): Promise<T> => reader.transaction().execute(work),
      write: <T>(work: (tx: Kysely<Schema>) => Promise<T>): Promise<T> => db.transaction().execute(work),
      translate: errorTranslator(options.fatal),
      forget: () => truncateWal(db),
      close: async () => {
        await reader.destroy();
        await db.destroy();
      },
    };
    return createDatabase(engine, options.clock, options.identity);
  } catch (cause) {
    for (const file of files) file.close();
    if (isDamaged(cause)) options.fatal(cause);
    throw new VaultError('database_unavailable', 'the database cannot be opened', { cause });
  }
}

function openFile(path: string, readonly: boolean, files: SqliteFile.Database[]): SqliteFile.Database {
  // SQLite would make it readable for everyone; its -wal and -shm files take the file's mode.
  if (!readonly) closeSync(openSync(path, 'a', 0o600));
  // No request waits yet: SQLite itself may block for another process's recovery.
  const file = new SqliteFile(path, { readonly, timeout: BUSY_TIMEOUT_MS });
  files.push(file);
  file.pragma('trusted_schema = OFF');
  if (!readonly) file.pragma('journal_mode = WAL');
  file.pragma('busy_timeout = 0');
  if (readonly) return file;
  file.pragma('synchronous = FULL');
  file.pragma('secure_delete = ON');
  file.pragma('foreign_keys = ON');
  return file;
}

function kyselyOver(file: SqliteFile.Database, begin: 'begin immediate' | 'begin'): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new ImmediateDialect(file, begin), plugins: [new CamelCasePlugin()] });
}

/** Retries while another process creates the same database: Kysely creates its own tables outside a transaction. */
async function retryWhileBusy(work: () => Promise<void>): Promise<void> {
  const giveUp = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUp) throw error;
      await sleep(20);
    }
  }
}

/**
 * Deleting overwrites rows in their pages (secure_delete); the write-ahead log keeps their old content until a
 * checkpoint has copied and truncated all of it, which an older reader can prevent.
 */
async function truncateWal(db: Kysely<Schema>): Promise<Forgotten | null> {
  const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(TRUNCATE)`.execute(db);
  return rows[0]?.busy === 0 ? 'overwritten' : null;
}

async function migrate(db: Kysely<Schema>): Promise<void> {
  // The plugin would rename the migrations' columns, which are in snake_case already.
  const plain = db.withoutPlugins();
  const migrator = new Migrator({
    db: plain,
    provider: migrationsFor({ blob: 'blob', bigint: 'integer', text: 'text' }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** After a failed fsync the file's content is unknown: never continue with the same handle. */
function isDamaged(error: unknown): boolean {
  return /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');
}

function errorTranslator(fatal: (error: unknown) => void): (error: unknown) => unknown {
  return (error) => {
    const code = sqliteCode(error);
    if (code === undefined) return error;
    if (isBusy(error)) return new VaultError('database_busy', 'the database is busy', { cause: error, retryAfter: 2 });
    if (isDamaged(error)) fatal(error);
    if (code.startsWith('SQLITE_CONSTRAINT'))
      return new VaultError('conflict', 'a concurrent update was first', { cause: error });
    return new VaultError('database_unavailable', 'the database cannot be used', { cause: error, retryAfter: 5 });
  };
}
