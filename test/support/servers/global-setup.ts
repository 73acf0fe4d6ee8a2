// Vitest's global setup: a folder where the servers of this run are noted; whoever needs one starts it, all end here.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contractLines, contractTable, ranNowhere } from '../contract-report.ts';
import { endServers, RUN_FOLDER } from './servers.ts';

export function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-servers-'));
  // PostgreSQL runs as another user below it.
  chmodSync(folder, 0o711);
  process.env[RUN_FOLDER] = folder;
  return async () => {
    sayContracts(folder);
    await endServers(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Says which contract cases ran on what, and fails the run where no real server was asked for one. */
function sayContracts(folder: string): void {
  const lines = contractLines(folder);
  const table = contractTable(lines);
  if (table !== '') process.stdout.write(`\n${table}\n`);
  const nowhere = ranNowhere(lines);
  if (nowhere.length === 0) return;
  process.stdout.write(`\nno real server runs these cases:\n  ${nowhere.join('\n  ')}\n`);
  process.exitCode = 1;
}
