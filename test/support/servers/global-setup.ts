// Vitest's global setup: a folder that records the servers of this run. The first suite that needs a server starts it, and this
// file ends them all. A process that still runs afterwards fails the run: a test forgot it.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT } from '../built.ts';
import { contractLines, contractTable, ranNowhere } from '../contract-report.ts';
import { leftRunning } from '../left-running.ts';
import { until } from '../until.ts';
import { endServers, RUN_FOLDER } from './servers.ts';

export function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-servers-'));
  // PostgreSQL runs as another user below it.
  chmodSync(folder, 0o711);
  process.env[RUN_FOLDER] = folder;
  return async () => {
    sayContracts(folder);
    await endServers(folder);
    await endLeftRunning(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Prints which contract cases ran on which adapter, and fails the run if no real server ran a case. */
function sayContracts(folder: string): void {
  const lines = contractLines(folder);
  const table = contractTable(lines);
  if (table !== '') process.stdout.write(`\n${table}\n`);
  const nowhere = ranNowhere(lines);
  if (nowhere.length === 0) return;
  process.stdout.write(`\nno real server runs these cases:\n  ${nowhere.join('\n  ')}\n`);
  process.exitCode = 1;
}

/** A process that was ended a moment ago may still exist: it gets a minute. */
const ENDING_MS = 60_000;

async function endLeftRunning(folder: string): Promise<void> {
  const left = () => leftRunning(folder, BUILT);
  try {
    await until('all processes of the run have ended', () => left().length === 0, {
      everyMs: 200,
      patienceMs: ENDING_MS,
    });
  } catch {
    const named = left();
    process.stdout.write(
      `\nstill running, left by a test:\n${named.map(({ pid, command }) => `  ${pid} ${command}\n`).join('')}`,
    );
    for (const { pid } of named) process.kill(pid, 'SIGKILL');
    process.exitCode = 1;
  }
}
