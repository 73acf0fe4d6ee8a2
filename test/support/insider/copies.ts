// Copies of a history, each for one edit: a database, a store, an anchor and keys.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../rows-by-sql.ts';
import { freshDatabase } from '../servers/postgres.ts';
import { serverOf } from '../servers/servers.ts';
import type { EngineName } from '../vault.ts';
import { makeWorld, vaultIn, type World } from '../world.ts';
import { type InsiderHistory, makeHistory } from './history.ts';

const OPTIONS = { signed: true, anchored: true } as const;
const NAME = /[^/]*$/;

/** A history that has ended: nothing is connected to its database. */
export type Original = {
  readonly copy: () => Promise<Copy>;
  readonly history: InsiderHistory;
  readonly end: () => Promise<void>;
};

/** A copy. `folder` has `store`, `anchor` and the signing key; `sql` is what an insider uses. */
export type Copy = {
  readonly history: InsiderHistory;
  readonly folder: string;
  readonly vault: World['vault'];
  readonly sql: RowsBySql;
  /** Moves the clock of its service. */
  readonly forward: (milliseconds: number) => void;
  readonly end: () => Promise<void>;
};

/** Makes a history on an engine. */
export async function makeOriginal(engine: EngineName): Promise<Original> {
  const server = engine === 'postgresql' ? await serverOf(engine) : null;
  const url = server === null ? null : await freshDatabase(server);
  const world = await makeWorld({ ...OPTIONS, ...(url === null ? {} : { postgres: url }) });
  const history = await makeHistory(world);
  // PostgreSQL copies a database that no one is connected to.
  const { close } = world.vault.db;
  await close();
  Object.assign(world.vault.db, { close: async () => undefined });
  const copy = async (): Promise<Copy> => {
    const folder = await mkdtemp(join(tmpdir(), 'callvault-insider-'));
    await cp(world.folder, folder, { recursive: true });
    const [file, database] = [join(folder, 'vault.db'), url === null ? null : await copyOf(url)];
    const { vault, forward } = await vaultIn(folder, file, {
      ...OPTIONS,
      ...(database === null ? {} : { postgres: database }),
    });
    // The history took some hours.
    forward(history.ahead);
    const sql = database === null ? rowsOfSqlite(file) : await rowsOfPostgres(database);
    return { history, folder, vault, sql, forward, end: () => endCopy(vault, sql, folder) };
  };
  return { copy, history, end: () => world.end() };
}

async function endCopy(vault: World['vault'], sql: RowsBySql, folder: string): Promise<void> {
  await sql.close();
  vault.sessionKeys.close();
  vault.metadataKeys.close();
  vault.tenantKeks.close();
  vault.ingestKeys.close();
  await vault.probes.close();
  await vault.db.close();
  await rm(folder, { recursive: true, force: true });
}

let made = 0;

async function copyOf(url: string): Promise<string> {
  const name = `${NAME.exec(url)?.[0]}_${made++}`;
  const client = new pg.Client({ connectionString: url.replace(NAME, 'postgres') });
  await client.connect();
  try {
    await client.query(`create database ${name} template ${NAME.exec(url)?.[0]}`);
  } finally {
    await client.end();
  }
  return url.replace(NAME, name);
}
