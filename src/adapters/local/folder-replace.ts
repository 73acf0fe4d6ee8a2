// Replacing a file of the folder store only while it is the one that was read, among processes that may die in between.
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../../bytes/digest.ts';
import type { Wait } from '../../ports/object-store.ts';
import { withFileLock } from './file-lock.ts';
import { fileCode, makeFolder, syncFolder, writeNewFile } from './files.ts';

/** What tells these bytes from any others. */
export function tagOf(bytes: Uint8Array): string {
  return sha256(bytes).toString('hex');
}

/**
 * Gives `file` these bytes if it has those of `tag`; false where it has others, or is gone. `staging` is
 * `<operation>~<name of the file>` in the staging folder.
 *
 * The lock is for order alone: one that a dead process left is removed, and a process that only slept may wake up
 * without it. No bytes are lost then: a staging file is there before it removes the others' of the same name, and only
 * after that the file is read. Whoever compared earlier has nothing left to give the name to.
 */
export async function replaceFile(
  file: string,
  staging: string,
  bytes: Uint8Array,
  tag: string,
  wait: Wait,
): Promise<boolean> {
  let replaced = false;
  const attempt = async (): Promise<boolean> => {
    const outcome = await compareAndRename(file, staging, bytes, tag);
    replaced = outcome === 'ours';
    return outcome !== 'overtaken';
  };
  // A lock's name has no `~`, so that nobody takes it for an upload.
  try {
    await withFileLock(join(dirname(staging), `${nameIn(staging)}.lock`), attempt, wait);
  } catch (error) {
    wait.signal.throwIfAborted();
    throw error;
  }
  return replaced;
}

async function compareAndRename(file: string, staging: string, bytes: Uint8Array, tag: string) {
  await makeFolder(dirname(staging));
  await rm(staging, { force: true });
  await writeNewFile(staging, Buffer.alloc(0), 0o600);
  try {
    await removeStaleReplacements(staging);
    const there = await readOrNull(file);
    // Bytes of a replacement are nobody else's: the answer to an earlier try was lost.
    if (there?.equals(bytes) === true) {
      await syncFolder(dirname(file));
      return 'ours';
    }
    if (there === null || tagOf(there) !== tag) return 'theirs';
    // Without O_CREAT: a file that was removed must not come back under the same name.
    const handle = await open(staging, 'r+');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staging, file);
    await syncFolder(dirname(file));
    return 'ours';
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return 'overtaken';
    throw error;
  } finally {
    await rm(staging, { force: true });
  }
}

/** Removes the staging files of replacements of the same name, but for this one. */
export async function removeStaleReplacements(staging: string): Promise<void> {
  const [folder, own] = [dirname(staging), basename(staging)];
  const [kind = ''] = own.split('-');
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return;
    throw error;
  }
  const others = names.filter((name) => name.startsWith(`${kind}-`) && nameIn(name) === nameIn(own) && name !== own);
  for (const name of others) await rm(join(folder, name), { force: true });
}

function nameIn(staging: string): string {
  return staging.slice(staging.lastIndexOf('~') + 1);
}

async function readOrNull(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return null;
    throw error;
  }
}
