// The folders of a spool. Only the relay's user may read them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { VaultError } from '../errors.ts';
import { codeOf } from './error-code.ts';
import type { SpoolFolders } from './seal-call.ts';

/** The folders below a spool. */
export function foldersOf(spool: string): SpoolFolders {
  return { spool, tmp: join(spool, 'tmp'), rejected: join(spool, 'rejected') };
}

/** The file with the ingest key that the relay seals to. */
export function keyFileOf(spool: string): string {
  return join(spool, 'ingest-key.json');
}

/** Creates the folders that are missing. Throws `config_invalid` where this user may not. */
export async function makeFolders({ spool, tmp, rejected }: SpoolFolders): Promise<void> {
  for (const folder of [spool, tmp, rejected])
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw new VaultError('config_invalid', `the spool cannot be created (${codeOf(cause)})`, { cause });
    });
}

/** What a read of the spool returns. Throws `config_invalid` where it does not exist or this user may not read it. */
export async function readingSpool<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (cause) {
    throw new VaultError('config_invalid', `the spool cannot be read (${codeOf(cause)})`, { cause });
  }
}
