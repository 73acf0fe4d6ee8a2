// What a process of the service does: with roles apart, each needs only its own part of the key service and the store.

/**
 * `ingest` takes deposits and opens none: it needs Decrypt for metadata keys alone. `listen` answers people and sends
 * media: it writes no ciphertext. `console` answers people without media. `work` settles, ends and sweeps. `all` is all.
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

/** Whether a process of this role touches blobs: what it may not ask for must not make it unready. */
export function usesStore(role: ProcessRole): boolean {
  return DUTIES[role].some((duty) => duty !== 'catalogue');
}

/** Whether a process of this role does this. */
export function hasDuty(role: ProcessRole, duty: Duty): boolean {
  return DUTIES[role].includes(duty);
}
