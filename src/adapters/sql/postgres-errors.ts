// PostgreSQL's errors in the port's terms. What the server says may quote rows: only its code goes on.
import { DatabaseError } from 'pg';
import { hasCode, VaultError } from '../../errors.ts';

/** Lock and statement timeouts, too many connections, and transactions that may simply be run again. */
const BUSY_CODES = new Set(['55P03', '57014', '53300', '40001', '40P01']);

/** What pg-pool says where all connections are in use for too long; it has no code for it. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect';

/** The error of a statement or of a connection. `conflict` for a constraint, `malformed` for a value, `database_busy` for what may pass. */
export function toDatabaseError(error: unknown): VaultError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const cause = Object.assign(new Error(`PostgreSQL: ${code ?? 'no connection'}`), { code });
  if (code?.startsWith('23') === true && isFromServer(error)) {
    return new VaultError('conflict', 'somebody else was first', { cause });
  }
  // Class 22: a number out of range, a NUL in a text. It will not pass by itself, so nobody is to try again.
  if (code?.startsWith('22') === true && isFromServer(error)) {
    return new VaultError('malformed', 'a value that the database cannot hold', { cause });
  }
  if ((code !== undefined && BUSY_CODES.has(code)) || (error instanceof Error && error.message === POOL_TIMEOUT)) {
    return new VaultError('database_busy', 'the database is busy', { cause, retryAfter: 2 });
  }
  return new VaultError('database_unavailable', 'the database cannot be used', { cause, retryAfter: 5 });
}

/** The error of a COMMIT. Unless the server refused it, nobody knows whether it was done. */
export function toCommitError(error: unknown): VaultError {
  const refused = isFromServer(error) && /^(23|40)/.test(error.code ?? '') && error.code !== '40003';
  if (refused) return toDatabaseError(error);
  const { cause } = toDatabaseError(error);
  return new VaultError('database_unavailable', 'whether the change was made is not known', { cause, retryAfter: 5 });
}

/** Whether the server answered at all; what it answers leaves the connection usable unless it ended it. */
export function isFromServer(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError;
}

/** Two transactions met, and this one was undone: run again it would see what the other did. */
export function isSerializationFailure(error: unknown): boolean {
  return hasCode(error, 'database_busy') && ['40001', '40P01'].includes(sqlState(error));
}

/** Another transaction inserted the same key first, unseen: run again, this one would find it, as on SQLite. */
export function isInsertRace(error: unknown): boolean {
  return hasCode(error, 'conflict') && sqlState(error) === '23505';
}

function sqlState({ cause }: VaultError): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
