// What the work in the background waits for: set back where a wrong clock put it into a future that does not come.

/**
 * A column with a time until which work waits. `owner`: the column with the tenant, or the log. `spanMs`: how far it may lie
 * ahead with the right clock, in milliseconds; more is set back.
 */
export type WaitingColumn = {
  readonly table: string;
  readonly owner: 'tenant' | 'log';
  readonly column: string;
  readonly spanMs: number;
};

const DAY_MS = 86_400_000;

/** Columns in snake_case. A test compares them with the conditions of all queries. */
export const SET_BACK: readonly WaitingColumn[] = [
  // The lease of an upload, after which another process finishes it.
  { table: 'deposit', owner: 'tenant', column: 'lease_until', spanMs: 0 },
  // The next pass of an erasure over the store, and of a withdrawal over recordings.
  { table: 'erasure', owner: 'tenant', column: 'due', spanMs: 0 },
  { table: 'withdrawal', owner: 'tenant', column: 'due', spanMs: 0 },
  // The end of a window of counted events.
  { table: 'window', owner: 'tenant', column: 'ends', spanMs: 0 },
  // A reply is kept for a day: with the right clock, up to a day remains.
  { table: 'idempotency', owner: 'tenant', column: 'until', spanMs: DAY_MS },
  // The last file sealed for an ingest key, after which the key is kept for 90 days.
  { table: 'ingest_key', owner: 'tenant', column: 'last_file_at', spanMs: 0 },
  // Until when tombstones and entries of the store were replayed: from there on a restored backup lists what it lacks.
  { table: 'replay', owner: 'tenant', column: 'at', spanMs: 0 },
  { table: 'replay', owner: 'tenant', column: 'entries', spanMs: 0 },
  // When a log was last read from its first event on.
  { table: 'audit_head', owner: 'log', column: 'reread', spanMs: 0 },
];
