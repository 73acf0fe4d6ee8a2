// Conditional replacement of a file in the folder store, safe against crashes of other processes.
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../../bytes/digest.ts';
import type { Wait } from '../../ports/object-store.ts';
import { withFileLock } from './file-lock.ts';
import { fileCode, makeFolder, syncFolder, writeNewFile } from './files.ts';

/** A digest that identifies these bytes. */
export function tagOf(bytes: Uint8Array): string {
  return sha256(bytes).toString('hex');
}

/**
 * Replaces the content of `file` if it still has the tag `tag`; false where it has another, or was deleted. `staging` is
 * `<operation>~<name of the file>` in the staging folder.
 *
 * The lock is for order only: another process may remove it as stale, and a process that was suspended may continue
 * without it. No bytes are lost then: a process creates its staging file, then removes all others of the same name, and
 * only then reads the file. A process that compared earlier has no staging file left to rename.
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
  // A lock's name has no `~`, so that no process mistakes it for an upload.
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
    const current = await readOrNull(file);
    // A replacement's bytes are unique: finding them means that the answer to an earlier attempt was lost.
    if (current?.equals(bytes) === true) {
      await syncFolder(dirname(file));
      return 'ours';
    }
    if (current === null || tagOf(current) !== tag) return 'theirs';
    // Without O_CREAT: a removed file must not reappear under the same name.
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

/** Removes all other staging files of replacements of the same name. */
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
