// The folder of an archive: its files by path, and the small ones that describe others.
import { createReadStream, type Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../errors.ts';
import { codeOfUnreadable } from '../support/read-text.ts';

/** Metadata of one call is small; a transcript may have 7 MiB, which a connector reads too. */
const MAX_TEXT = 8 * 1024 * 1024;

/** A file, or a link, which is not followed. The path is that inside the folder, with `/`. */
export type FoundFile = { readonly path: string; readonly isLink: boolean };

/** All files in a folder, in the order of their names. */
export async function* filesIn(folder: string, under = ''): AsyncGenerator<FoundFile> {
  let entries: import('node:fs').Dirent[];
  try {
    entries = await readdir(join(folder, under), { withFileTypes: true });
  } catch (cause) {
    throw new VaultError('malformed', `a folder of the archive cannot be read (${codeOfUnreadable(cause)})`, { cause });
  }
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(folder, path);
    else if (entry.isFile() || entry.isSymbolicLink()) yield { path, isLink: entry.isSymbolicLink() };
  }
}

/** The texts of those of these files that exist and are small, in this order. Throws what the disk throws. */
export async function textsIn(folder: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const found = await statOf(folder, path).catch(noneWithSuchName);
    if (found === null || !found.isFile() || found.size > MAX_TEXT) continue;
    texts.set(path, await readFile(join(folder, path), 'utf8'));
  }
  return texts;
}

/** A layout makes names of metadata from that of a recording: no file has one that is too long for the disk. */
function noneWithSuchName(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENAMETOOLONG') return null;
  throw error;
}

/** What the system says of a file; null where it does not exist. Throws what the disk throws. */
export async function statOf(folder: string, path: string): Promise<Stats | null> {
  try {
    return await stat(join(folder, path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

/** The bytes of a file, in pieces. */
export function bytesOf(folder: string, path: string): AsyncIterable<Uint8Array> {
  return createReadStream(join(folder, path), { highWaterMark: 256 * 1024 });
}
