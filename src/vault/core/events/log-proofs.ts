// Proofs that a log can grow, each at most a second old and shared by everything that this process serves meanwhile.
import { VaultError } from '../../../errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';

export type LogProofs = {
  /**
   * Returns once it is proven that a log can grow, by a proof that began after this call or less than a second before.
   * Concurrent callers share one. Throws as `Database.proveLog`.
   */
  readonly require: (log: string, request: RequestContext) => Promise<void>;
};

/** As long as readiness keeps its check of the log. */
const MAX_AGE_MS = 1_000;
/** Longer than the database waits for anything: a proof outlives the request that began it, since others wait too. */
const PATIENCE_MS = 30_000;

type Proof = { readonly began: number; readonly done: Promise<void> };

/** The proofs of this process. */
export function logProofs({ db, clock }: { readonly db: Database; readonly clock: Clock }): LogProofs {
  const proofs = new Map<string, Proof>();
  let latest = 0;
  const isFresh = ({ began }: Proof): boolean => Math.abs(clock.now() - began) < MAX_AGE_MS;
  /** A clock that was set back must not make a proof younger. */
  const dropAfterStepBack = (): void => {
    const now = clock.now();
    if (now < latest) proofs.clear();
    latest = now;
  };
  const begin = (log: string): Proof => {
    const signal = clock.deadline(PATIENCE_MS);
    const done = db.proveLog(log, { signal }).catch((error: unknown) => {
      // For those who wait for this proof; a later caller begins another.
      if (proofs.get(log) === proof) proofs.delete(log);
      if (!signal.aborted) throw error;
      throw new VaultError('database_busy', 'the database did not answer in time', { cause: error, retryAfter: 2 });
    });
    // The last of those who waited may have gone before it fails.
    done.catch(() => undefined);
    const proof = { began: clock.now(), done };
    proofs.set(log, proof);
    return proof;
  };
  return {
    require: async (log, { signal }) => {
      dropAfterStepBack();
      const known = proofs.get(log);
      if (known !== undefined && isFresh(known)) {
        await unlessAborted(known.done, signal);
        // One that took long says nothing about this moment.
        if (isFresh(known)) return;
      }
      const newest = proofs.get(log);
      const later = newest !== undefined && newest !== known && isFresh(newest) ? newest : begin(log);
      await unlessAborted(later.done, signal);
    },
  };
}

/** The promise, or the signal's reason where that comes first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
