// Conversion of PostgreSQL errors. The server's messages may quote rows: only the code is kept.
import { DatabaseError } from 'pg';
import { hasCode, VaultError } from '../../errors.ts';

/**
 * Codes that may pass: lock and statement timeouts, too many connections, transactions to repeat, and statements that
 * were prepared before a migration.
 */
const BUSY_CODES = new Set(['55P03', '57014', '53300', '40001', '40P01', '0A000']);

/** The user lacks a privilege. */
const DENIED = '42501';
const UNUSABLE = 'the database cannot be used';

/** pg-pool's message where all connections are in use for too long; it has no code. */
const POOL_TIMEOUT = 'timeout exceeded when trying to connect';

/** Converts the error of a statement or a connection: `conflict` for a constraint, `malformed` for a value, `database_busy` for what may pass. */
export function toDatabaseError(error: unknown): VaultError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const cause = Object.assign(new Error(`PostgreSQL: ${code ?? 'no connection'}`), { code });
  if (code?.startsWith('23') === true && isFromServer(error)) {
    return new VaultError('conflict', 'a concurrent update was first', { cause });
  }
  // Class 22: a number out of range, a NUL in a text. It will not pass, so no client should retry.
  if (code?.startsWith('22') === true && isFromServer(error)) {
    return new VaultError('malformed', 'a value that the database cannot hold', { cause });
  }
  if ((code !== undefined && BUSY_CODES.has(code)) || (error instanceof Error && error.message === POOL_TIMEOUT)) {
    return new VaultError('database_busy', 'the database is busy', { cause, retryAfter: 2 });
  }
  const message = code === DENIED ? 'the database denies this to its user: see callvault doctor' : UNUSABLE;
  return new VaultError('database_unavailable', message, { cause, retryAfter: 5 });
}

/** Whether the server denied a statement to the user. */
export function isDenied(error: unknown): boolean {
  return hasCode(error, 'database_unavailable') && sqlState(error) === DENIED;
}

/** The error of a COMMIT. Unless the server rejected it, its outcome is unknown. */
export function toCommitError(error: unknown): VaultError {
  const refused = isFromServer(error) && /^(23|40)/.test(error.code ?? '') && error.code !== '40003';
  if (refused) return toDatabaseError(error);
  const { cause } = toDatabaseError(error);
  return new VaultError('database_unavailable', 'it is unknown whether the change was made', { cause, retryAfter: 5 });
}

/** Whether the server answered; an answered connection is usable unless the answer ended it. */
export function isFromServer(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError;
}

/** A failure of which nothing remains once the transaction is repeated: it then sees the others' changes. */
export function isRepeatable(error: unknown): boolean {
  return hasCode(error, 'database_busy') && ['40001', '40P01', '0A000'].includes(sqlState(error));
}

/** A statement that was prepared before its table got another column: prepared again, it works. */
export function isPlanOutdated(error: unknown): boolean {
  return hasCode(error, 'database_busy') && sqlState(error) === '0A000';
}

/** A concurrent transaction inserted the same key: repeated, this one finds it, as on SQLite. */
export function isInsertRace(error: unknown): boolean {
  return hasCode(error, 'conflict') && sqlState(error) === '23505';
}

function sqlState({ cause }: VaultError): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
