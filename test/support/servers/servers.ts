// The real servers of a test run: each is started by the first suite that needs it, once for all worker processes.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endCeph, startCeph } from './ceph.ts';
import { startMoto } from './moto.ts';
import { endPostgres, startPostgres } from './postgres.ts';
import type { Server } from './process.ts';
import { endProcess } from './process.ts';

/** The variable that names the folder of this run. */
export const RUN_FOLDER = 'CALLVAULT_TEST_SERVERS';

const STARTS = { ceph: startCeph, moto: startMoto, postgresql: startPostgres } satisfies Record<
  string,
  (folder: string) => Promise<Server>
>;
const ENDS: Readonly<Record<keyof typeof STARTS, (server: Server) => Promise<void>>> = {
  ceph: endCeph,
  moto: ({ pid }) => endProcess(pid),
  postgresql: endPostgres,
};

export type ServerName = keyof typeof STARTS;

const PATIENCE_MS = 600_000;

/** The server of that name; the first caller starts it. */
export async function serverOf(name: ServerName): Promise<Server> {
  const run = process.env[RUN_FOLDER];
  if (run === undefined) throw new Error('servers are for suites run by vitest');
  const note = join(run, `${name}.json`);
  const failed = join(run, `${name}.failed`);
  if (isFirst(join(run, `${name}.lock`))) {
    try {
      const server = await STARTS[name](join(run, name));
      writeFileSync(`${note}.new`, JSON.stringify(server));
      renameSync(`${note}.new`, note);
    } catch (error) {
      writeFileSync(failed, String(error));
      throw error;
    }
  }
  for (const giveUp = performance.now() + PATIENCE_MS; performance.now() < giveUp; await sleep(50)) {
    if (existsSync(note)) return JSON.parse(readFileSync(note, 'utf8')) as Server;
    if (existsSync(failed)) throw new Error(`${name} did not start: ${readFileSync(failed, 'utf8')}`);
  }
  throw new Error(`${name} did not start in time`);
}

/** Ends every server recorded in the folder. */
export async function endServers(folder: string): Promise<void> {
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.json')) continue;
    const name = file.slice(0, -'.json'.length) as ServerName;
    await ENDS[name](JSON.parse(readFileSync(join(folder, file), 'utf8')) as Server);
  }
}

function isFirst(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
