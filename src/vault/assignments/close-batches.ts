// The close of a batch: once nothing of it can be finished any more.
import type { Grant } from '../../model/access.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { Batch } from '../../model/batch.ts';
import type { Transaction } from '../../ports/database.ts';
import { isLive } from '../access/end-grant.ts';
import { runAll } from '../core/concurrency.ts';
import { event, type presentedCredential, systemActor } from '../core/events/events.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { tryEnd } from '../core/sessions/end-session.ts';
import type { Vault } from '../core/vault.ts';

const PAGE = 100;

/** Closes batches whose grants all ended. Returns how many; a failure does not stop the others and is thrown at the end. */
export async function closeBatches(vault: Pick<Vault, 'db' | 'settings'>, request: RequestContext): Promise<number> {
  const found = await vault.db.read(async (rows) => rows.batches.closable(await rows.now(), PAGE), request);
  const actor = systemActor(vault.settings);
  return runAll(
    found.map(
      ({ tenant, id }) =>
        () =>
          tryEnd(vault, (tx) => closeIfFinished(tx, { tenant, id }, actor, {}, request), forTenant(request, tenant)),
    ),
  );
}

/**
 * Closes a batch where no grant is live, and none that was begun can be finished; null otherwise. Locks it, so that of two
 * last grants that end at once the later sees both. Call it after the locks on grants.
 */
export async function closeIfFinished(
  tx: Transaction,
  { tenant, id }: Pick<Batch, 'tenant' | 'id'>,
  actor: Actor,
  credential: ReturnType<typeof presentedCredential>,
  request: RequestContext,
): Promise<NewEvent | null> {
  const batch = await tx.batches.lock(tenant, id);
  if (batch?.state !== 'OPEN') return null;
  const now = await tx.now();
  const mayFinish = ({ state, started }: Grant): boolean => state === 'EXPIRED' && started !== null && now < batch.due;
  const grants = await tx.batches.grantsOf(tenant, [id]);
  if (grants.some((grant) => isLive(grant) || mayFinish(grant))) return null;
  if (!(await tx.batches.change(batch, { state: 'CLOSED', closed: now, mac: null }))) return null;
  return event(tenant, actor, 'batch.closed', { id, ...credential }, request);
}
