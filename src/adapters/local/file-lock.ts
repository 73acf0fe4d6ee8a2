// Lock file for processes that write one file: it orders writes, and correctness does not depend on it.
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wait } from '../../ports/object-store.ts';
import { fileCode, makeFolder, writeNewFile } from './files.ts';

const TIMEOUT_MS = 15_000;
/** Maximum age of a live lock: a write takes milliseconds. Overtaking a slower process loses nothing. */
const STALE_MS = 2_000;
const POLL_MS = 20;

/**
 * Runs `work` under the lock, repeatedly while it returns false. Removes a lock that has not changed for two seconds, by
 * this process's clock: its owner died. Throws after fifteen seconds, for a lock that cannot be written, and once the
 * signal fires.
 */
export async function withFileLock(lock: string, work: () => Promise<boolean>, { signal }: Wait): Promise<void> {
  const giveUp = performance.now() + TIMEOUT_MS;
  await makeFolder(dirname(lock));
  for (;;) {
    await acquireLock(lock, giveUp, signal);
    try {
      if (await work()) return;
    } finally {
      await rm(lock, { force: true });
    }
    if (performance.now() > giveUp) throw lockTimeout('other processes kept changing the file');
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function acquireLock(lock: string, giveUp: number, signal: AbortSignal): Promise<void> {
  let seen = '';
  let since = 0;
  while (!(await isLockFree(lock))) {
    if (performance.now() > giveUp) throw lockTimeout('other processes kept the lock');
    const held = await stat(lock, { bigint: true }).then(
      ({ ino, mtimeNs }) => `${ino} ${mtimeNs}`,
      () => '',
    );
    if (held !== seen) [seen, since] = [held, performance.now()];
    else if (held !== '' && performance.now() - since > STALE_MS) await rm(lock, { force: true });
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function isLockFree(lock: string): Promise<boolean> {
  try {
    await writeNewFile(lock, Buffer.alloc(0), 0o600);
    return true;
  } catch (cause) {
    if (fileCode(cause) === 'EEXIST') return false;
    throw cause;
  }
}

function lockTimeout(message: string): Error {
  return Object.assign(new Error(message), { code: 'EBUSY' });
}
