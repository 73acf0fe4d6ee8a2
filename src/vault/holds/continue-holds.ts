// Background work: what is left of legal holds. Recordings of rules that match many, entries of what matched later, and the
// counts of lifted holds.
import type { Hold } from '../../model/hold.ts';
import { runAll } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db'>;

/** Holds of one round, and recordings of one transaction. */
const MOST_HOLDS = 100;
const BATCH = 200;

/**
 * One round over the holds of all tenants that are not settled. Returns how many recordings it changed. A batch is
 * complete in itself: a process that is killed leaves the rest to the next round. A failure does not stop the others and
 * is thrown at the end.
 */
export async function continueHolds(vault: Deps, request: RequestContext): Promise<number> {
  const unsettled = await vault.db.read((rows) => rows.legalHolds.unsettled(MOST_HOLDS), request);
  return runAll(
    unsettled.filter(({ state }) => state === 'LIFTED').map((hold) => () => lowerCounts(vault, hold, request)),
  );
}

/** Lowers the counts of the recordings of a lifted hold. */
async function lowerCounts(vault: Deps, hold: Hold, request: RequestContext): Promise<number> {
  let lowered = 0;
  for (;;) {
    request.signal.throwIfAborted();
    const some = await vault.db.note((notes) => notes.legalHolds.lowerCounts(hold, BATCH), request);
    lowered += some;
    if (some < BATCH) return lowered;
  }
}
