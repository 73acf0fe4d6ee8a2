// The folder of an archive: its files by path, and the small ones that describe others.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../../errors.ts';
import { nodeFiles } from '../../relay/node-files.ts';
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

/**
 * The texts of those of these files that are among the `listed` ones and small, in this order. A layout makes names of
 * metadata from that of a recording: no name leads through a link, or out of the folder. Throws what the disk throws.
 */
export async function textsIn(
  folder: string,
  paths: readonly string[],
  listed: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths.filter((one) => listed.has(one))) {
    const file = await openIn(folder, path);
    if (file === null) continue;
    try {
      if (file.size > MAX_TEXT) continue;
      const pieces: Uint8Array[] = [];
      for await (const piece of file.bytes()) pieces.push(piece);
      texts.set(path, Buffer.concat(pieces).toString('utf8'));
    } finally {
      await file.close();
    }
  }
  return texts;
}

/** An opened file: its size and time of modification, and its bytes, from the start with each call. */
export type ArchivedFile = {
  readonly size: number;
  readonly mtimeMs: number;
  readonly bytes: () => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
};

/** Opens a file; null where it does not exist, or is a link or no file by now. Throws what the disk throws. */
export async function openIn(folder: string, path: string): Promise<ArchivedFile | null> {
  const file = await nodeFiles.open(join(folder, path));
  if (file === null) return null;
  const { size, modified } = file.version;
  return { size, mtimeMs: millisecondsOf(modified), bytes: file.bytes, close: file.close };
}

/** Whole milliseconds of nanoseconds in base 36, which have more digits than a number is exact for. */
function millisecondsOf(modified: string): number {
  const digits = modified.replace('-', '');
  const nanoseconds = [...digits].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
  return Number(nanoseconds / 1_000_000n) * (digits === modified ? 1 : -1);
}
