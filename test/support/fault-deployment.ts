// A deployment in a temporary folder, and the real server over it as a child process that can be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { type Composed, compose } from '../../src/compose.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { createFirstIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { builtBin } from './built.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { until } from './until.ts';

const TOP = join(import.meta.dirname, '../..');

export type Deployment = {
  readonly folder: string;
  readonly database: string;
  readonly store: string;
  readonly config: Config;
  readonly env: Readonly<Record<string, string>>;
  readonly remove: () => Promise<void>;
};

/** A tenant with one service that deposits, a reviewer, an approver, and the secrets of their API keys. */
export type StaffedTenant = {
  readonly tenant: string;
  /** The id of the service that deposits. */
  readonly service: string;
  readonly depositor: string;
  readonly reviewer: string;
  readonly approver: string;
};

/** Paths and environment of a deployment in a new folder, without opening anything. */
export async function newDeployment(extra: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'callvault-fault-'));
  const env = {
    CALLVAULT_ORIGIN: 'vault.example',
    CALLVAULT_LISTEN: '127.0.0.1:0',
    CALLVAULT_METRICS_LISTEN: 'off',
    CALLVAULT_DATABASE: `sqlite:${folder}/vault.db`,
    CALLVAULT_STORE: `folder:${folder}/store`,
    CALLVAULT_KEYS: `keyring:${folder}/keyring.json`,
    CALLVAULT_KEYRING_ROOT: `${folder}/root/root.key`,
    CALLVAULT_LEASE_SECONDS: '2',
    ...extra,
  };
  return {
    folder,
    database: join(folder, 'vault.db'),
    store: join(folder, 'store'),
    config: readConfig(env),
    env,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The vault in this process. */
export function composeDeployment(deployment: Pick<Deployment, 'config'>): Promise<Composed> {
  return compose(deployment.config, (error) => {
    throw error;
  });
}

/** A signal that fires in a minute. */
export function minuteSignal(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(600_000) };
}

const PEOPLE = { admin: 'Ann', approver: 'Sue', reviewer: 'Rita' };

/** Creates a tenant with these people. */
export async function createStaffedTenant(vault: Vault, name: string, people = PEOPLE): Promise<StaffedTenant> {
  const by = operatorActor('op-1');
  const first = { admin: people.admin, approvers: [people.approver], approverAgeHours: 0, apiKeyDecisions: true };
  const what = { name, country: 'GB', defaultBasis: 'consent', consent: 'any', ...first } as const;
  const { tenant, approvers } = await createTenant(vault, by, what, minuteSignal());
  const approver = approvers[0] ?? '';
  const person = { tenant, kind: 'person', name: people.reviewer, roles: ['reviewer'], owners: [] } as const;
  const reviewer = await addPrincipal(vault, by, person, minuteSignal());
  const pbx = { tenant, kind: 'service', name: 'pbx', roles: ['uploader'], owners: [approver] } as const;
  const service = await addPrincipal(vault, by, pbx, minuteSignal());
  const key = async (principal: string): Promise<string> =>
    (await createApiKey(vault, by, { tenant, principal, days: 1, scopes: null }, minuteSignal())).secret;
  return {
    tenant,
    service,
    depositor: await key(service),
    reviewer: await key(reviewer),
    approver: await key(approver),
  };
}

/** Creates Harbour Bank in the deployment, with its ingest key, so that no server makes one after its first minute. */
export async function staffDeployment(deployment: Deployment): Promise<StaffedTenant> {
  const { vault, close } = await composeDeployment(deployment);
  const people = await createStaffedTenant(vault, 'Harbour Bank');
  await createFirstIngestKey(vault, operatorActor('op-1'), people.tenant, minuteSignal());
  await close();
  return people;
}

export type Server = {
  readonly url: string;
  readonly pid: number;
  /** Sends a signal without waiting. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Resolves with the exit code, or the signal, once the process has ended. */
  readonly ended: () => Promise<number | NodeJS.Signals | null>;
  /** Its stdout and stderr so far. */
  readonly log: () => string;
  /** Kills it (SIGKILL), by its pid. */
  readonly kill: () => Promise<void>;
  /** Sends SIGTERM and waits until it has ended. */
  readonly stop: () => Promise<void>;
};

/** A server that may not listen yet. */
export type StartingServer = Omit<Server, 'url'> & {
  /** Waits until it listens. Returns its URL. */
  readonly listening: () => Promise<string>;
};

/** Starts the real server and waits until it listens. */
export async function startServer(deployment: Pick<Deployment, 'env'>): Promise<Server> {
  const server = spawnServer(deployment);
  return { ...server, url: await server.listening() };
}

/** Starts the real server. */
export function spawnServer(deployment: Pick<Deployment, 'env'>): StartingServer {
  const child = spawn(process.execPath, [builtBin(), 'serve'], {
    cwd: TOP,
    env: { ...cleanEnvironment(), ...deployment.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => {
      text += piece;
    });
  }
  const ended = once(child, 'exit');
  const port = () => /"port":(\d+)[^}]*"msg":"listening"/.exec(text)?.[1];
  const over = () => child.exitCode !== null || child.signalCode !== null;
  return {
    listening: async () => {
      try {
        await until('the server listens', () => port() !== undefined || over(), { everyMs: 10, seen: () => text });
      } catch (error) {
        child.kill('SIGKILL');
        throw error;
      }
      if (port() === undefined) throw new Error(`the server did not start: ${text}`);
      return `http://127.0.0.1:${port()}`;
    },
    pid: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    ended: async () => {
      await ended;
      return child.exitCode ?? child.signalCode;
    },
    log: () => text,
    kill: () => end(child, ended, 'SIGKILL'),
    stop: () => end(child, ended, 'SIGTERM'),
  };
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  await ended;
}

/** Every row of every table, as text, but for the beats of clocks: a process writes one whenever it runs. */
export function dumpTables(database: string): string {
  const file = new SqliteFile(database, { readonly: true });
  try {
    const names = file
      .prepare("select name from sqlite_master where type = 'table' and name <> 'clock_beat' order by name")
      .pluck()
      .all();
    return names
      .map((name) => {
        const rows = file.prepare(`select * from "${String(name)}" order by rowid`).all();
        const shown = rows.map((row) =>
          JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
        );
        return [`-- ${String(name)}`, ...shown].join('\n');
      })
      .join('\n');
  } finally {
    file.close();
  }
}

/** All files under a folder, as relative paths; none if the folder does not exist. */
export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
