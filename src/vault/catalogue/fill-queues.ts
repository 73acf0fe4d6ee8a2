// Background work: recordings of earlier versions of callvault get the queue that teams are found by.
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Recordings of one transaction. */
const BATCH = 100;

/**
 * Fills the queues of all recordings that have none yet, from their blind indexes, and returns how many. Until then they
 * are in no team's scope. No key is needed, and no version changes: readers see the same recording.
 */
export async function fillQueues(vault: Pick<Vault, 'db'>, request: RequestContext): Promise<number> {
  let filled = 0;
  for (;;) {
    request.signal.throwIfAborted();
    const some = await vault.db.note((notes) => notes.recordings.fillQueues(BATCH), request);
    filled += some;
    if (some < BATCH) return filled;
  }
}
