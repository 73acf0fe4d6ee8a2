// Roles of service processes: with separate roles, each process needs only its part of the key service and the store.

/**
 * `ingest` takes deposits and opens none: it needs Decrypt for metadata keys alone. `listen` answers people and sends
 * media: it writes no ciphertext. `console` answers people without media. `work` recovers stale deposits, ends what
 * expired and sweeps. `all` does everything.
 */
export type ProcessRole = 'all' | 'ingest' | 'listen' | 'console' | 'work';

/** The groups of routes and of background work. */
export type Duty = 'deposit' | 'catalogue' | 'media' | 'settle';

const DUTIES: Readonly<Record<ProcessRole, readonly Duty[]>> = {
  all: ['deposit', 'catalogue', 'media', 'settle'],
  ingest: ['deposit'],
  listen: ['catalogue', 'media'],
  console: ['catalogue'],
  work: ['settle'],
};

/**
 * Whether a process of this role reads or writes blobs: missing store permissions must not make another role unready.
 */
export function usesStore(role: ProcessRole): boolean {
  return DUTIES[role].some((duty) => duty !== 'catalogue');
}

/** Whether a process of this role has this duty. */
export function hasDuty(role: ProcessRole, duty: Duty): boolean {
  return DUTIES[role].includes(duty);
}
