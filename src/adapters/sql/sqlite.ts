// SQLite: one writer handle and a read-only one over a file in WAL mode.

import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import SqliteFile from 'better-sqlite3';
import { Kysely, Migrator } from 'kysely';
import { hasCode, VaultError } from '../../errors.ts';
import type { Database, Forgotten } from '../../ports/database.ts';
import { createDatabase, type DatabaseEngine, type DatabaseOptions } from './database.ts';
import { type FairTurns, fairTurns } from './fair-turns.ts';
import { LocklessDialect } from './lockless-dialect.ts';
import { editingOnSqlite } from './log-editing.ts';
import { migrationsFor } from './migrations/migrations.ts';
import { pendingMigrations } from './migrations/schema-version.ts';
import { sqliteCheckpoints } from './sqlite-checkpoints.ts';
import { sqliteConnection } from './sqlite-connection.ts';
import { BUSY_TIMEOUT_MS, errorTranslator, isBusy, isDamaged } from './sqlite-errors.ts';
import { sqliteWriter } from './sqlite-writer.ts';

/** Options besides the path. `fatal` is called once the file can no longer be trusted; it must end the process. */
export type SqliteOptions = DatabaseOptions & {
  readonly fatal: (error: unknown) => void;
};

/**
 * The writer's page cache. Blind indexes are written at random places: with SQLite's own 2 MiB a list of many calls reads
 * and writes the same pages again and again.
 */
const WRITER_CACHE_KIB = 32_768;

/**
 * Opens or creates the database at `path` and migrates its tables. Throws `database_unavailable`, or `config_invalid`
 * where a newer version of callvault has migrated them.
 */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Database> {
  const files: SqliteFile.Database[] = [];
  try {
    const file = openFile(path, false, files);
    await retryWhileBusy(() => migrate(file));
    // An insert of many rows keeps the pages that it changes until it ends: on disk that is half of what a call list writes.
    // Not before: what a migration sorts may be as large as a table.
    file.pragma('temp_store = MEMORY');
    const snapshot = openFile(path, true, files);
    const [writing, reading] = [sqliteConnection(file), sqliteConnection(snapshot)];
    const checkpoints = sqliteCheckpoints(path, file);
    const writer = sqliteWriter(file, () => checkpoints.committed(writing.changedRows()));
    const reader = sqliteReader(snapshot);
    const engine: DatabaseEngine = {
      read: (work) => reader(() => work(reading)),
      write: (work) => writer.change(() => work(writing)),
      translate: errorTranslator(options.fatal),
      forget: () => writer.alone(() => checkpoints.without(async () => truncateWal(file))),
      userRights: () => Promise.resolve(null),
      editingLog: editingOnSqlite,
      witness: false,
      close: async () => {
        snapshot.close();
        await checkpoints.close();
        file.close();
      },
    };
    return createDatabase(engine, options);
  } catch (cause) {
    for (const file of files) file.close();
    if (isDamaged(cause)) options.fatal(cause);
    if (hasCode(cause, 'config_invalid')) throw cause;
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
  file.pragma(`cache_size = -${WRITER_CACHE_KIB}`);
  return file;
}

/** Reads in one snapshot, one after another. */
function sqliteReader(file: SqliteFile.Database): FairTurns {
  const turns = fairTurns();
  const [begin, commit, rollback] = [file.prepare('begin'), file.prepare('commit'), file.prepare('rollback')];
  return (work) =>
    turns(async () => {
      begin.run();
      try {
        const result = await work();
        commit.run();
        return result;
      } catch (error) {
        if (file.inTransaction) rollback.run();
        throw error;
      }
    });
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
function truncateWal(file: SqliteFile.Database): Forgotten | null {
  const [result] = file.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[];
  return result?.busy === 0 ? 'overwritten' : null;
}

async function migrate(file: SqliteFile.Database): Promise<void> {
  const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect: new LocklessDialect({ database: file }) });
  const provider = migrationsFor({ blob: 'blob', bigint: 'integer', text: 'text' });
  const pending = await pendingMigrations(db, Object.keys(await provider.getMigrations()));
  if (pending.length === 0) return;
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}
