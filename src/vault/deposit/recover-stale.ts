// Recovery of stale deposits: a deposit whose owner stopped is finished or aborted. Running it twice changes nothing.
import { envelopePath, MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { hasCode } from '../../errors.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { runAll } from '../core/concurrency.ts';
import { systemActor } from '../core/events/events.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { beginAbort, finishAbort } from './abort.ts';
import { finishDeposit, UNFINISHABLE } from './finish.ts';
import { leaseEnd, withLease } from './lease.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

const BATCH = 50;

/** Recovers what is due now and returns how many deposits it finished or aborted. The rest stays for the next round. */
export async function recoverStale(vault: Deps, request: RequestContext): Promise<number> {
  const due = await vault.db.read(async (rows) => rows.deposits.stale(await rows.now(), BATCH), request);
  return runAll(due.map((deposit) => () => recoverDeposit(vault, deposit, forTenant(request, deposit.tenant))));
}

/** Recovers one deposit if its lease expired. False: its owner still works on it, or it cannot be recovered yet. */
export async function recoverDeposit(vault: Deps, deposit: Deposit, request: RequestContext): Promise<boolean> {
  const now = new Date(vault.clock.now()).toISOString();
  const owner = vault.settings.instance;
  const until = leaseEnd(vault);
  if (!(await vault.db.note((notes) => notes.deposits.takeLease(deposit, owner, now, until), request))) return false;
  // Where recovery fails, the lease is left to expire: other deposits come first, and the next attempt waits that long.
  return withLease(vault, deposit, request.signal, (signal) => recoverLeased(vault, deposit, { ...request, signal }));
}

async function recoverLeased(vault: Deps, found: Deposit, request: RequestContext): Promise<boolean> {
  const { tenant, deposit } = await vault.db.read(
    async (rows) => ({
      tenant: await rows.tenants.find(found.tenant),
      deposit: await rows.deposits.find(found.tenant, found.id),
    }),
    request,
  );
  if (tenant === null || deposit === null) return false;
  try {
    if (deposit.state === 'COMMITTING') return await finishOrAbort(vault, tenant, deposit, request);
    if (deposit.state === 'UPLOADING') {
      // An envelope is written only after COMMITTING. One next to an UPLOADING row means that the database is older
      // than its bucket.
      const path = envelopePath(deposit.tenant, deposit.recording, deposit.id);
      if ((await vault.store.get(locationOf(tenant), path, MAX_ENVELOPE, request)) !== null) return false;
      const aborting = await beginAbort(vault, systemActor(vault.settings), deposit, 'abandoned', request);
      await finishAbort(vault, tenant, aborting, request);
      return true;
    }
    if (deposit.state === 'ABORTING') {
      await finishAbort(vault, tenant, deposit, request);
      return true;
    }
    return false;
  } catch (error) {
    // Store, key service or database is unavailable: the next round tries again.
    if (hasCode(error, 'store_unavailable', 'key_service_unavailable', 'database_busy', 'key_refused', 'conflict'))
      return false;
    throw error;
  }
}

async function finishOrAbort(vault: Deps, tenant: Tenant, deposit: Deposit, request: RequestContext): Promise<boolean> {
  try {
    await finishDeposit(
      vault,
      { by: systemActor(vault.settings), tenant, deposit, dataKey: null, rows: null },
      request,
    );
  } catch (error) {
    // Another blob has this deposit's name: the deposit is aborted, and a retry gets new names.
    if (!hasCode(error, ...UNFINISHABLE)) throw error;
    const aborting = await beginAbort(vault, systemActor(vault.settings), deposit, error.code, request);
    await finishAbort(vault, tenant, aborting, request);
  }
  return true;
}
