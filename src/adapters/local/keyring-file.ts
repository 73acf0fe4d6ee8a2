// The file keyring.json: read on demand, and changed by several processes without losing a key.
import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { VaultError } from '../../errors.ts';
import { fileCode, makeFolder, syncFolder, writeNewFile } from './files.ts';

export type KeyVersion = { readonly n: number; readonly created: string; readonly sealed: string };
export type KeyEntry = {
  readonly id: string;
  readonly state: 'enabled' | 'disabled';
  readonly current: number;
  readonly versions: readonly KeyVersion[];
};
export type Keyring = { readonly keys: readonly KeyEntry[] };

/** Reads the keyring; null where there is none. Throws `key_service_unavailable` for an unreadable one. */
export async function readKeyring(path: string): Promise<Keyring | null> {
  try {
    return parseKeyring(await readFile(path, 'utf8'));
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return null;
    throw unreadable(error);
  }
}

/** Parses a keyring. Throws `key_service_unavailable` for an invalid one. */
export function parseKeyring(text: string): Keyring {
  try {
    const keyring = JSON.parse(text) as Keyring;
    if (!Array.isArray(keyring.keys)) throw new TypeError('no keys');
    return keyring;
  } catch (cause) {
    throw new VaultError('key_service_unavailable', 'the keyring file is damaged', { cause });
  }
}

/** The error of a keyring that could not be read: a VaultError as it is, a file system error converted. */
export function unreadable(cause: unknown): VaultError {
  if (cause instanceof VaultError) return cause;
  return new VaultError('key_service_unavailable', 'the keyring cannot be read', { cause, retryAfter: 5 });
}

/**
 * Changes the keyring by `change`, which returns null for no change, and makes it durable. Returns false where another
 * process was about to change it too: then nothing happened, and the caller retries.
 *
 * No key is lost, whatever stops or overtakes a process at any moment: it creates its staging file, then removes those of
 * all other processes, and only then reads. Of two that overlap, either the later one removed the earlier one's staging
 * file, so that it cannot be renamed; or the earlier one was done before the later one read.
 */
export async function changeKeyring(path: string, change: (now: Keyring) => Keyring | null): Promise<boolean> {
  const staging = `${path}.${randomUUID()}.new`;
  await makeFolder(dirname(path));
  await writeNewFile(staging, Buffer.alloc(0), 0o600);
  try {
    await removeOthers(path, staging);
    const changed = change((await readKeyring(path)) ?? { keys: [] });
    if (changed !== null) {
      // Without O_CREAT: a removed file must not reappear under the same name.
      const handle = await open(staging, 'r+');
      try {
        await handle.writeFile(canonicalBytes(changed));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(staging, path);
    }
    // Also makes another process's change durable: it may have died before syncing the name.
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return false;
    throw error;
  } finally {
    await rm(staging, { force: true });
  }
}

async function removeOthers(path: string, staging: string): Promise<void> {
  const [folder, start] = [dirname(path), `${basename(path)}.`];
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (name.startsWith(start) && name.endsWith('.new') && file !== staging) await rm(file, { force: true });
  }
}
