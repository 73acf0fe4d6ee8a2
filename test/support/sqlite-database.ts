// A new SQLite database for each test, most of them a copy of a migrated one.
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { systemClock } from '../../src/adapters/local/system-clock.ts';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { newRequestId } from '../../src/bytes/ids.ts';
import { ORIGIN, type Tables, type TestedDatabase, testClock } from './fixture-rows.ts';
import { rowsOfSqlite } from './rows-by-sql.ts';
import { RUN_FOLDER } from './servers/servers.ts';

export type SqliteDatabase = TestedDatabase & { readonly path: string };

/** Creates a folder, under `top`, with a file whose tables are migrated and empty, or, for `none`, without a file. */
export async function sqliteDatabase({
  top = tmpdir(),
  tables = 'migrated',
}: {
  readonly top?: string | undefined;
  readonly tables?: Tables;
} = {}): Promise<SqliteDatabase> {
  const clock = testClock();
  const folder = await mkdtemp(join(top, 'callvault-sqlite-'));
  const path = join(folder, 'vault.db');
  if (tables === 'migrated') await migratedFile(path);
  const identity = { origin: ORIGIN, node: 'node-1' };
  const fatal = (error: unknown): void => {
    throw error;
  };
  return {
    path,
    open: (ahead = 0) => openSqlite(path, { clock: clock.of(ahead), identity, fatal }),
    setClock: clock.set,
    run: async (statement) => {
      withOtherHandle(path, (file) => file.exec(statement));
    },
    insert: async (table, rows) => {
      const back = rowsOfSqlite(path);
      for (const row of rows) await back.insert(table, row);
      await back.close();
    },
    everything: async () => allRows(path),
    remove: () => rm(folder, { recursive: true }),
  };
}

/**
 * Makes a database file whose tables are migrated and empty. In a test run it is a copy, which takes a tenth of the time of
 * migrating.
 */
export async function migratedFile(path: string): Promise<void> {
  const run = process.env[RUN_FOLDER];
  if (run === undefined) return migrate(path);
  const template = join(run, 'migrated.db');
  if (!existsSync(template)) {
    const made = join(run, `${newRequestId()}.db`);
    await migrate(made);
    // Several processes may have made one: they are equal.
    await rename(made, template);
  }
  await copyFile(template, path);
}

async function migrate(path: string): Promise<void> {
  const identity = { origin: 'template.example', node: 'node-1' };
  const fatal = (error: unknown): void => {
    throw error;
  };
  const db = await openSqlite(path, { clock: systemClock(), identity, fatal });
  await db.close();
}

/** Runs `work` with a separate handle, as another process would. */
export function withOtherHandle<T>(path: string, work: (file: SqliteFile.Database) => T): T {
  const file = new SqliteFile(path);
  try {
    return work(file);
  } finally {
    file.close();
  }
}

/** All rows of all tables. */
export function allRows(path: string): Record<string, unknown[]> {
  return withOtherHandle(path, (file) => {
    const names = file.prepare("select name from sqlite_master where type = 'table' order by name").pluck().all();
    return Object.fromEntries(names.map((name) => [String(name), file.prepare(`select * from "${name}"`).all()]));
  });
}
