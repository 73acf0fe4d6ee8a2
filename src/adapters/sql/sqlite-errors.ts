// SQLite's errors as the port's.
import { VaultError } from '../../errors.ts';

/** Maximum wait for a busy database. */
export const BUSY_TIMEOUT_MS = 5_000;

/** Whether another connection holds SQLite's lock. */
export function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}

/** After a failed fsync the file's content is unknown: never continue with the same handle. */
export function isDamaged(error: unknown): boolean {
  return /^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');
}

/** Converts errors of SQLite; `fatal` is called where the file can no longer be trusted. */
export function errorTranslator(fatal: (error: unknown) => void): (error: unknown) => unknown {
  return (error) => {
    const code = sqliteCode(error);
    if (code === undefined) return error;
    if (isBusy(error)) return new VaultError('database_busy', 'the database is busy', { cause: error, retryAfter: 2 });
    if (isDamaged(error)) fatal(error);
    if (code.startsWith('SQLITE_CONSTRAINT'))
      return new VaultError('conflict', 'a concurrent update was first', { cause: error });
    return new VaultError('database_unavailable', 'the database cannot be used', { cause: error, retryAfter: 5 });
  };
}

/** SQLite's result code of an error, such as SQLITE_BUSY_SNAPSHOT. */
function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
