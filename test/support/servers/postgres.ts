// PostgreSQL with its default fsync; each suite gets a separate database.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
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

/** The URL of a new, empty database. */
export async function freshDatabase({ url }: Server): Promise<string> {
  const name = `t${process.pid}_${Date.now()}_${made++}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return url.replace(/\/[^/]*$/, `/${name}`);
}
