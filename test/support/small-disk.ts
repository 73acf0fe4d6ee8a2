// A file system so small that a test can fill it: a mounted one, or the few megabytes under /dev of a container that may not mount.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a test fills at most. */
const MOST_BYTES = 256 * 1_048_576;

export type SmallDisk = {
  readonly folder: string;
  /** Writes until the file system takes no more byte. */
  readonly fill: () => void;
  /** Removes what `fill` wrote. */
  readonly free: () => void;
  readonly remove: () => void;
};

/** Whether the machine can make one. */
export function makesSmallDisks(): boolean {
  try {
    smallDisk(1).remove();
    return true;
  } catch {
    return false;
  }
}

/** Makes one of about so many megabytes, or a little larger. Throws where the machine has no way to. */
export function smallDisk(megabytes: number): SmallDisk {
  const mounted = mkdtempSync(join(tmpdir(), 'callvault-disk-'));
  const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', mounted];
  const isMounted = spawnSync('/usr/bin/mount', options).status === 0;
  if (!isMounted) rmSync(mounted, { recursive: true });
  const folder = isMounted ? mounted : folderUnderDev();
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fillUp(filler),
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      if (isMounted) execFileSync('/usr/bin/umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function folderUnderDev(): string {
  const { bsize, blocks } = statfsSync('/dev');
  // Outside a container, /dev could take all memory.
  if (bsize * blocks > MOST_BYTES)
    throw new Error('this machine can neither mount a small disk nor has one under /dev');
  return mkdtempSync('/dev/callvault-disk-');
}

/** Appends to the file, by ever smaller pieces, until there is no room for a byte. */
function fillUp(file: string): void {
  const handle = openSync(file, 'a');
  try {
    for (let size = 1_048_576; size >= 1; ) {
      try {
        writeSync(handle, Buffer.alloc(size));
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(handle);
  }
}
