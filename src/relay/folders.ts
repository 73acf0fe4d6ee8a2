// The folders of a spool. Only the relay's user may read them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpoolFolders } from './seal-call.ts';

/** The folders below a spool. */
export function foldersOf(spool: string): SpoolFolders {
  return { spool, tmp: join(spool, 'tmp'), rejected: join(spool, 'rejected') };
}

/** The file with the ingest key that the relay seals to. */
export function keyFileOf(spool: string): string {
  return join(spool, 'ingest-key.json');
}

/** Creates the folders that are missing. */
export async function makeFolders({ spool, tmp, rejected }: SpoolFolders): Promise<void> {
  for (const folder of [spool, tmp, rejected]) await mkdir(folder, { recursive: true, mode: 0o700 });
}
