// Calls that the vault rejected: they stay sealed until a person uploads them again or deletes them.
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type NamedCall, VaultError } from '../errors.ts';
import { callIn } from './answers.ts';
import { foldersOf, readingSpool } from './folders.ts';
import { noteName, readRejectedName, sealedName } from './names.ts';
import { nodeFiles } from './node-files.ts';

/** A rejected call by the id of its sealed file, the vault's code, and the call that the vault found in it. */
export type RejectedCall = {
  readonly id: string;
  readonly code: string;
  readonly bytes: number;
  readonly call: NamedCall | null;
};

/** The rejected calls of a spool. */
export async function listRejected(spool: string): Promise<readonly RejectedCall[]> {
  const { rejected } = foldersOf(spool);
  const calls: RejectedCall[] = [];
  for (const name of await readingSpool(nodeFiles.list(rejected))) {
    const read = readRejectedName(name);
    const version = read === null ? null : await nodeFiles.version(join(rejected, name));
    if (read === null || version === null) continue;
    const call = await readNote(join(rejected, noteName(read.id)));
    calls.push({ id: read.id, code: read.code, bytes: version.size, call });
  }
  return calls;
}

/** Moves rejected calls into the spool again: of this id, or all. Returns how many. Throws `not_found` for no call. */
export async function retryRejected(spool: string, id: string | null): Promise<number> {
  return forRejected(spool, id, async (path, name) => {
    await nodeFiles.renameToFree(path, join(spool, sealedName(name)));
    await nodeFiles.syncFolder(spool);
  });
}

/** Deletes the rejected call of this id for good. Throws `not_found`. */
export async function discardRejected(spool: string, id: string): Promise<void> {
  await forRejected(spool, id, (path) => nodeFiles.remove(path));
}

async function forRejected(
  spool: string,
  id: string | null,
  act: (path: string, name: { readonly id: string; readonly check: string }) => Promise<void>,
): Promise<number> {
  const { rejected } = foldersOf(spool);
  let count = 0;
  for (const name of await readingSpool(nodeFiles.list(rejected))) {
    const read = readRejectedName(name);
    if (read === null || (id !== null && read.id !== id)) continue;
    await act(join(rejected, name), read);
    await nodeFiles.remove(join(rejected, noteName(read.id)));
    count += 1;
  }
  if (count === 0)
    throw new VaultError('not_found', id === null ? 'no call was rejected' : 'no rejected call has this id');
  return count;
}

async function readNote(path: string): Promise<NamedCall | null> {
  const file = await nodeFiles.open(path);
  if (file === null) return null;
  try {
    return callIn(await json(file.bytes()));
  } catch {
    // Cut by a fault of the disk: it is only a name.
    return null;
  } finally {
    await file.close();
  }
}
