// Start-up work, of processes and commands: compares every log with what was published of it, before anything is written.
import { inParallel } from '../core/concurrency.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { differenceError } from './compare-log.ts';
import { guardLog } from './guard-log.ts';
import { requireSignerOf } from './signer-of-logs.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>;

/** Logs compared at once. */
const AT_ONCE = 8;

/**
 * Compares every log, and holds those that differ. One that differs, or cannot be compared, does not stop the others: the first error is thrown at the
 * end, `integrity` for one that differs or is held, `signer_differs` for one that another signer sealed. Returns 0. The deployment's log is compared even in an empty database.
 */
export async function compareLogs(vault: Deps, request: RequestContext): Promise<number> {
  const { signer } = vault;
  if (signer === null) return 0;
  const heads = await vault.db.read((rows) => rows.seals.heads(), request);
  const logs = new Set([DEPLOYMENT, ...heads.map(({ log }) => log)]);
  const failures: unknown[] = [];
  await inParallel([...logs], AT_ONCE, async (log) => {
    try {
      const { differs } = await guardLog(vault, log, request);
      if (differs !== null) failures.unshift(differenceError(log, differs));
      else await requireSignerOf({ ...vault, signer }, log, request);
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
  return 0;
}
