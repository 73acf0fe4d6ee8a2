// Cache of the parsed keyring, reloaded when the file changes.
import { open, stat } from 'node:fs/promises';
import { fileCode } from './files.ts';
import { type KeyEntry, parseKeyring, unreadable } from './keyring-file.ts';

type CachedKeyring = { readonly fingerprint: string; readonly entries: ReadonlyMap<string, KeyEntry> };

/** Maximum resolution of file time stamps: two changes within it can have the same stamp. */
const TIMESTAMP_STEP_MS = 2_000;

/**
 * Reads a key's entry from the current file: another process may have added, rotated or disabled it. A file with the
 * same inode, size and times is unchanged, unless the times are so recent that another change could leave them equal.
 * The function throws `key_service_unavailable` for a file that cannot be read.
 */
export function keyringReader(path: string): (id: string) => Promise<KeyEntry | undefined> {
  let seen: CachedKeyring | null = null;
  return async (id) => {
    try {
      const face = fingerprintOf(await stat(path, { bigint: true }));
      if (face === null || face !== seen?.fingerprint) seen = await read(path);
      return seen.entries.get(id);
    } catch (error) {
      seen = null;
      if (fileCode(error) === 'ENOENT') return undefined;
      throw unreadable(error);
    }
  };
}

/** Reads the stamps before the bytes: a change in between makes them outdated at the next call. */
async function read(path: string): Promise<CachedKeyring> {
  const file = await open(path, 'r');
  try {
    const face = fingerprintOf(await file.stat({ bigint: true })) ?? '';
    const { keys } = parseKeyring(await file.readFile('utf8'));
    return { fingerprint: face, entries: new Map(keys.map((entry) => [entry.id, entry])) };
  } finally {
    await file.close();
  }
}

type Stats = { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint; readonly ctimeNs: bigint };

/** Identifies one state of the file; null while another state could look the same. */
function fingerprintOf({ ino, size, mtimeNs, ctimeNs }: Stats): string | null {
  const changed = Number(ctimeNs / 1_000_000n);
  return Date.now() - changed < TIMESTAMP_STEP_MS ? null : `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}
