// Start-up work: compares every log with what was published of it, before this process writes.
import { inParallel } from '../core/concurrency.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { compareLog, differenceError } from './compare-log.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>;

/** Logs compared at once. */
const AT_ONCE = 8;

/**
 * Compares every log. One that differs, or cannot be compared, does not stop the others: the first error is thrown at the
 * end, `integrity` for one that differs. Returns 0: nothing is changed. The deployment's log is compared even in an empty database.
 */
export async function compareLogs(vault: Deps, request: RequestContext): Promise<number> {
  if (vault.signer === null) return 0;
  const heads = await vault.db.read((rows) => rows.seals.heads(), request);
  const logs = new Set([DEPLOYMENT, ...heads.map(({ log }) => log)]);
  const failures: unknown[] = [];
  await inParallel([...logs], AT_ONCE, async (log) => {
    try {
      const { differs } = await compareLog(vault, log, request);
      if (differs !== null) failures.unshift(differenceError(log, differs));
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
  return 0;
}
