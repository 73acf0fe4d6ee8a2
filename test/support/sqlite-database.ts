// A new SQLite database for each test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { ORIGIN, type TestedDatabase, testClock } from './fixture-rows.ts';
import { rowsOfSqlite } from './rows-by-sql.ts';

export type SqliteDatabase = TestedDatabase & { readonly path: string };

/** Creates the folder, under `top`, but not the file. */
export async function sqliteDatabase(top = tmpdir()): Promise<SqliteDatabase> {
  const clock = testClock();
  const folder = await mkdtemp(join(top, 'callvault-sqlite-'));
  const path = join(folder, 'vault.db');
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
