// Whether two settings name one database: by what the file system or the server says of it, not by its address.
import { stat } from 'node:fs/promises';
import { VaultError } from '../../errors.ts';
import { FilePasswordClient } from './password-file.ts';

/** The file's device and inode; null where no such file exists. */
export async function identityOfFile(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new VaultError('database_unavailable', 'the database cannot be opened', { cause: error });
  });
  return found === null ? null : `${found.dev} ${found.ino}`;
}

/** The database's name and when its server started, to the microsecond. Throws `database_unavailable`. */
export async function identityOfPostgres(url: string): Promise<string> {
  const client = new FilePasswordClient({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; started: string }>(
      'select current_database() as name, pg_postmaster_start_time()::text as started',
    );
    return `${rows[0]?.name} ${rows[0]?.started}`;
  } catch (cause) {
    throw new VaultError('database_unavailable', 'the database cannot be opened', { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}
