// SQLite: one writer handle and a read-only one over a file in WAL mode.
import SqliteFile from 'better-sqlite3';
import { CamelCasePlugin, Kysely, Migrator } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import { databaseOver } from './database.ts';
import { ImmediateDialect, isBusy, sqliteCode } from './immediate-dialect.ts';
import type { LogIdentity } from './log.ts';
import { migrationsFor } from './migrations.ts';
import type { Schema } from './schema.ts';

/** What opening needs beside the path. `fatal` is called once the file can no longer be trusted: end the process. */
export type SqliteOptions = {
  readonly clock: Clock;
  readonly identity: LogIdentity;
  readonly fatal: (error: unknown) => void;
};

/** Opens (and creates) the database at `path` and brings its tables up to date. Throws `database_unavailable`. */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Database> {
  const files: SqliteFile.Database[] = [];
  try {
    const writer = openFile(path, false, files);
    const db = kyselyOver(writer, 'begin immediate');
    // While opening, nobody else's work waits on this process: here SQLite may wait for another one's migration.
    writer.pragma('busy_timeout = 5000');
    await migrate(db);
    writer.pragma('busy_timeout = 0');
    const reader = kyselyOver(openFile(path, true, files), 'begin');
    return databaseOver({ writer: db, reader, translate: translator(options.fatal) }, options.clock, options.identity);
  } catch (cause) {
    for (const file of files) file.close();
    throw new VaultError('database_unavailable', 'the database cannot be opened', { cause });
  }
}

function openFile(path: string, readonly: boolean, files: SqliteFile.Database[]): SqliteFile.Database {
  const file = new SqliteFile(path, { readonly, timeout: 0 });
  files.push(file);
  file.pragma('trusted_schema = OFF');
  if (readonly) return file;
  file.pragma('journal_mode = WAL');
  file.pragma('synchronous = FULL');
  file.pragma('secure_delete = ON');
  file.pragma('foreign_keys = ON');
  return file;
}

function kyselyOver(file: SqliteFile.Database, begin: 'begin immediate' | 'begin'): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new ImmediateDialect(file, begin), plugins: [new CamelCasePlugin()] });
}

async function migrate(db: Kysely<Schema>): Promise<void> {
  // The plugin would rename the migrations' own columns; they are written in the database's case already.
  const plain = db.withoutPlugins();
  const migrator = new Migrator({ db: plain, provider: migrationsFor({ blob: 'blob', bigint: 'integer' }) });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function translator(fatal: (error: unknown) => void): (error: unknown) => unknown {
  return (error) => {
    const code = sqliteCode(error);
    if (code === undefined) return error;
    if (isBusy(error)) return new VaultError('database_busy', 'the database is busy', { cause: error, retryAfter: 2 });
    // After a failed fsync nobody knows what the file holds: never go on with the same handle.
    if (/^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(code)) fatal(error);
    if (code.startsWith('SQLITE_CONSTRAINT'))
      return new VaultError('conflict', 'somebody else was first', { cause: error });
    return new VaultError('database_unavailable', 'the database cannot be used', { cause: error, retryAfter: 5 });
  };
}
