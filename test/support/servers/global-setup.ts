// Vitest's global setup: a folder where the servers of this run are noted; whoever needs one starts it, all end here.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endServers, RUN_FOLDER } from './servers.ts';

export function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-servers-'));
  // PostgreSQL runs as another user below it.
  chmodSync(folder, 0o711);
  process.env[RUN_FOLDER] = folder;
  return async () => {
    await endServers(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}
