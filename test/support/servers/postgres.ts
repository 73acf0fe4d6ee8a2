// PostgreSQL with its default fsync; each suite gets a separate database, most of them a copy of a migrated one.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '../../../src/adapters/local/system-clock.ts';
import { openPostgres } from '../../../src/adapters/sql/postgres.ts';
import type { Server } from './process.ts';
import { freePort } from './process.ts';

const NOBODY = 65_534;
const USER = 'callvault';

/** The folder of initdb and pg_ctl, or null without an installation. */
export function postgresPrograms(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, 'bin')), '/usr/local/bin', '/usr/bin'];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl'))) ?? null;
}

/** Runs one of its programs; as root, it switches to the user `nobody`, because PostgreSQL does not run as root. */
function run(program: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): void {
  const folder = postgresPrograms();
  if (folder === null) throw new Error('no PostgreSQL here');
  const drop = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  execFileSync(join(folder, program), args, {
    ...drop,
    cwd: '/',
    stdio: 'ignore',
    env: { ...process.env, ...variables },
  });
}

/** Makes a server in this folder and starts it. `variables`: of its processes. */
export async function startPostgres(folder: string, variables: Readonly<Record<string, string>> = {}): Promise<Server> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  run('initdb', ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']);
  const port = await freePort();
  const server = { url: `postgres://${USER}@127.0.0.1:${port}/postgres`, folder, pid: null };
  restartPostgres(server, [], variables);
  return server;
}

/** Starts a stopped server on its previous port. `settings`: NAME=VALUE; `variables`: of its processes. */
export function restartPostgres(
  { url, folder }: Server,
  settings: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): void {
  const { port } = new URL(url);
  const own = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=200', ...settings];
  const options = [`-p ${port}`, ...own.map((setting) => `-c ${setting}`)].join(' ');
  run(
    'pg_ctl',
    ['-D', join(folder, 'data'), '-w', '-l', join(folder, 'server.log'), '-o', options, 'start'],
    variables,
  );
}

/** `fast` aborts open transactions; `immediate` is a crash. */
export function stopPostgres({ folder }: Server, mode: 'fast' | 'immediate'): void {
  run('pg_ctl', ['-D', join(folder, 'data'), '-w', '-m', mode, 'stop']);
}

export async function endPostgres(server: Server): Promise<void> {
  stopPostgres(server, 'immediate');
}

let made = 0;

/** The URL of a new database without tables: for starts, migrations, and versions that migrate by themselves. */
export async function emptyDatabase({ url }: Server): Promise<string> {
  const name = newName();
  await withServer(url, (client) => client.query(`create database ${name}`));
  return urlOf(url, name);
}

/** The URL of a new database whose tables are migrated and empty: a copy, which takes a tenth of the time of migrating. */
export async function freshDatabase({ url }: Server): Promise<string> {
  const name = newName();
  await withServer(url, async (client) => {
    if (!(await hasTemplate(client))) await makeTemplate(client, url);
    await client.query(`create database ${name} template ${TEMPLATE}`);
  });
  return urlOf(url, name);
}

const TEMPLATE = 'migrated';

async function hasTemplate(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
  return rows.length > 0;
}

/** Migrates a database by the real way, once for all processes of a run. */
async function makeTemplate(client: pg.Client, url: string): Promise<void> {
  await client.query('select pg_advisory_lock(1)');
  try {
    if (await hasTemplate(client)) return;
    const name = newName();
    await client.query(`create database ${name}`);
    const identity = { origin: 'template.example', node: 'node-1' };
    const db = await openPostgres(urlOf(url, name), { clock: systemClock(), identity });
    await db.close();
    // Without connections, nor autovacuum's: each would make copies wait. Last the name, by which others find it.
    await client.query(`alter database ${name} is_template true allow_connections false`);
    await client.query(`alter database ${name} rename to ${TEMPLATE}`);
  } finally {
    await client.query('select pg_advisory_unlock(1)');
  }
}

function newName(): string {
  return `t${process.pid}_${Date.now()}_${made++}`;
}

function urlOf(server: string, name: string): string {
  return server.replace(/\/[^/]*$/, `/${name}`);
}

async function withServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
