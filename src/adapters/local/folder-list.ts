// Lists of the folder store: the files whose names are blob names.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../errors.ts';
import { isBlobName, isBlobNamePrefix } from '../../model/blob-name.ts';
import type { ListedBlob } from '../../ports/object-store.ts';
import { fileCode } from './files.ts';
import { toStoreError } from './folder-read.ts';

/** The blobs below a folder whose path has this prefix and comes after `after`, in no order. */
export async function* listFiles(folder: string, prefix: string, after: string): AsyncGenerator<ListedBlob> {
  const base = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (!isBlobNamePrefix(prefix) || !isBlobNamePrefix(after)) {
    throw new VaultError('malformed', 'not the beginning of a blob name');
  }
  let entries: Awaited<ReturnType<typeof listFolder>>;
  try {
    entries = await listFolder(join(folder, base));
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return;
    throw toStoreError(error);
  }
  for (const entry of entries) {
    const path = `${base}${entry.name}`;
    // Uploads in progress, and foreign files (`.nfs…`, `.snapshot/`). No blob has such a name.
    if (!isBlobName(path)) continue;
    if (entry.isDirectory()) {
      const inside = `${path}/`;
      // All names in this folder come before `after` where its own name does.
      const passed = inside < after && !after.startsWith(inside);
      if (!passed && (inside.startsWith(prefix) || prefix.startsWith(inside))) {
        yield* listFiles(folder, inside, after);
      }
    } else if (path.startsWith(prefix) && path > after) {
      const found = await statOf(join(folder, path));
      if (found !== null) yield { path, size: found.size };
    }
  }
}

/** Blobs of one folder, by name. */
export async function namesIn(base: string, folder: string): Promise<string[]> {
  if (!folder.endsWith('/') || !isBlobNamePrefix(folder)) throw new VaultError('malformed', 'not a folder of blobs');
  const entries = await listFolder(join(base, folder)).catch((error: unknown) => {
    if (fileCode(error) === 'ENOENT') return [];
    throw error;
  });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => `${folder}${name}`);
  return names.filter(isBlobName).sort();
}

function listFolder(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

/** Size of a file; null where it was deleted. */
export async function statOf(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if (fileCode(error) === 'ENOENT') return null;
    throw toStoreError(error);
  }
}
