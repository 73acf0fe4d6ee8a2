// Taking turns among processes that write one file: a lock file for order, on which nothing depends.
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wait } from '../../ports/object-store.ts';
import { fileCode, makeFolder, writeNewFile } from './files.ts';

const TIMEOUT_MS = 15_000;
/** Nobody holds the lock this long: a write takes milliseconds. Should somebody do so, nothing is lost by overtaking. */
const STALE_MS = 2_000;
const POLL_MS = 20;

/**
 * Runs `work` in turns with other processes, again while it returns false. A lock that stays the same for two seconds,
 * by this process's own watch, was left by a dead process and is removed. Throws after fifteen seconds, for a lock that
 * cannot be written, and once the signal fires.
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
    if (performance.now() > giveUp) throw lockTimeout('others were always first');
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function acquireLock(lock: string, giveUp: number, signal: AbortSignal): Promise<void> {
  let seen = '';
  let since = 0;
  while (!(await isLockFree(lock))) {
    if (performance.now() > giveUp) throw lockTimeout('the lock is always taken');
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
