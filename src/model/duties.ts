// The duties of service processes, by role (docs/decisions/0017-roles-are-duties.md).

/**
 * `ingest` takes deposits and opens none: it needs Decrypt for metadata keys alone. `listen` answers people and sends
 * media: it writes no ciphertext. `console` answers people without media. `work` recovers stale deposits, ends what
 * expired and sweeps. `all` does everything.
 */
export type ProcessRole = 'all' | 'ingest' | 'listen' | 'console' | 'work';

/** The groups of routes and of background work. */
export type Duty = 'deposit' | 'catalogue' | 'media' | 'settle';

/** What processes of each role do, and what their database users may do. */
export const DUTIES: Readonly<Record<ProcessRole, readonly Duty[]>> = {
  all: ['deposit', 'catalogue', 'media', 'settle'],
  ingest: ['deposit'],
  listen: ['catalogue', 'media'],
  console: ['catalogue'],
  work: ['settle'],
};
