// A deployment whose database can be backed up and restored: a file and a folder, or PostgreSQL with a folder or S3.
import { copyFile, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import pg from 'pg';
import type { Composed } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { entryPath } from '../../src/envelope/amendments/entry-name.ts';
import { createApp } from '../../src/http/app.ts';
import { httpServer, listenOn } from '../../src/main/server.ts';
import { locationOf, type Tenant } from '../../src/model/tenant.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { runStartupTasks } from '../../src/work.ts';
import { openCloud } from './cloud.ts';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  minuteSignal,
  newDeployment,
  type StaffedTenant,
} from './fault-deployment.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';

export type RestorableEngine = 'sqlite' | 'postgresql' | 'cloud';

/** A composed vault with a server over it. */
export type Running = Composed & { readonly url: string };

export type Restorable = {
  readonly deployment: Deployment;
  readonly people: StaffedTenant;
  /** Composes it again, as a start of the process does. */
  readonly start: () => Promise<Running>;
  /** Composes it over an empty database, with the same store and keys. */
  readonly startEmpty: () => Promise<Running>;
  /** Stops what was started. */
  readonly stop: () => Promise<void>;
  /** Stops, and copies the database. */
  readonly backUp: () => Promise<void>;
  /** Stops, and puts the copy back. */
  readonly restore: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** Creates a deployment with Harbour Bank. */
export async function restorable(
  engine: RestorableEngine,
  more: Readonly<Record<string, string>> = {},
): Promise<Restorable> {
  const cloud = engine === 'cloud' ? await openCloud() : null;
  const other =
    engine === 'postgresql' ? { CALLVAULT_DATABASE: await freshDatabase(await serverOf('postgresql')) } : {};
  const deployment = await newDeployment({ ...(cloud?.env ?? other), ...more });
  const copies =
    engine === 'sqlite' ? fileCopies(deployment) : postgresCopies(deployment.env['CALLVAULT_DATABASE'] ?? '');
  const running: { readonly composed: Composed; readonly server: Server }[] = [];
  const stop = async (): Promise<void> => {
    for (const { composed, server } of running.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await composed.close();
    }
  };
  const startOver = async (env: Deployment['env']): Promise<Running> => {
    const composed = await composeDeployment({ config: readConfig(env) });
    const server = httpServer(createApp(composed.vault).fetch, '127.0.0.1');
    const port = await listenOn(server, { host: '127.0.0.1', port: 0 });
    running.push({ composed, server });
    return { ...composed, url: `http://127.0.0.1:${port}` };
  };
  const start = () => startOver(deployment.env);
  const emptyDatabase = async (): Promise<string> =>
    engine === 'sqlite' ? `sqlite:${deployment.database}.empty` : freshDatabase(await serverOf('postgresql'));
  const people = await createStaffedTenant((await start()).vault, 'Harbour Bank');
  return {
    deployment,
    people,
    start,
    startEmpty: async () => startOver({ ...deployment.env, CALLVAULT_DATABASE: await emptyDatabase() }),
    stop,
    backUp: async () => {
      await stop();
      await copies.make();
    },
    restore: async () => {
      await stop();
      await copies.putBack();
    },
    remove: async () => {
      await stop();
      await deployment.remove();
      await cloud?.close();
    },
  };
}

type Copies = { readonly make: () => Promise<void>; readonly putBack: () => Promise<void> };

function fileCopies({ database }: Deployment): Copies {
  return {
    make: () => copyFile(database, `${database}.backup`),
    putBack: async () => {
      for (const end of ['-wal', '-shm']) await rm(`${database}${end}`, { force: true });
      await copyFile(`${database}.backup`, database);
    },
  };
}

function postgresCopies(url: string): Copies {
  const name = new URL(url).pathname.slice(1);
  const run = async (statements: readonly string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: url.replace(/\/[^/]*$/, '/postgres') });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    make: () => run([`drop database if exists ${name}_b`, `create database ${name}_b template ${name}`]),
    putBack: () => run([`drop database ${name}`, `create database ${name} template ${name}_b`]),
  };
}

/** The start-up work. Returns the errors that it reported. */
export async function startUp(vault: Vault): Promise<string[]> {
  const failed: string[] = [];
  await runStartupTasks(vault, (name, error) => failed.push(`${name}: ${(error as { code?: string }).code ?? error}`));
  return failed;
}

/** The tenant's row. */
export async function tenantRow({ db }: Pick<Vault, 'db'>, tenant: string): Promise<Tenant> {
  const row = await db.read((rows) => rows.tenants.find(tenant), minuteSignal());
  if (row === null) throw new Error('there is no such tenant');
  return row;
}

/** Stores the blobs of all entries that have none. Returns their names. */
export async function putEntries(vault: Vault, tenant: string): Promise<string[]> {
  const rows = await vault.db.read(async ({ amendments }) => {
    const streams = await amendments.waiting(null, 10_000);
    const pages = streams.map(({ subject, n }) => amendments.page(tenant, subject, n - 1, 10_000));
    return (await Promise.all(pages)).flat();
  }, minuteSignal());
  const place = locationOf(await tenantRow(vault, tenant));
  const paths: string[] = [];
  for (const row of rows) {
    const path = entryPath(row, row.n, row.at);
    await vault.store.put(place, path, row.entry, 'test', minuteSignal());
    await vault.db.note((notes) => notes.amendments.markStored(row), minuteSignal());
    paths.push(path);
  }
  return paths;
}
