// Suspending a tenant, which ends its live sessions in the same transaction, and resuming it while its metadata key opens.
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession } from '../core/sessions/end-session.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'sessionKeys' | 'metadataKeys' | 'tenantKeks'>;

/**
 * Suspends a tenant and returns how many sessions that ended. Sessions whose keys other processes hold fall silent
 * within one piece. Throws `not_found`, and `conflict` where the tenant is not active.
 */
export async function suspendTenant(vault: Deps, by: Actor, id: string, request: RequestContext): Promise<number> {
  const { result } = await vault.db.change(async (tx) => {
    // Held: it waits for a re-wrap or a turn of the key that changes the row, and is not refused because of it.
    const tenant = await tx.tenants.lock(id);
    if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
    if (tenant.state !== 'ACTIVE' || !(await tx.tenants.change(tenant, { state: 'SUSPENDED' }))) {
      throw new VaultError('conflict', 'the tenant is not active');
    }
    const object = { id };
    const events: NewEvent[] = [DEPLOYMENT, id].map((log) => event(log, by, 'tenant.suspended', object, request));
    const sessions = await tx.sessions.liveIn(id);
    for (const session of sessions) {
      const ended = await endSession(tx, by, session, 'suspended', request);
      if (ended !== null) events.push(ended);
    }
    return { result: sessions.map((session) => session.id), events };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  vault.metadataKeys.drop(id);
  vault.tenantKeks.drop(id);
  return result.length;
}

/** Makes a suspended tenant active again. Throws `not_found`, `conflict`, and the key service's errors. */
export async function resumeTenant(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<void> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  if (tenant.state !== 'SUSPENDED') throw new VaultError('conflict', 'the tenant is not suspended');
  await vault.metadataKeys.get(tenant, request);
  await vault.db.change(async (tx) => {
    const held = await tx.tenants.lock(id);
    if (held?.state !== 'SUSPENDED' || !(await tx.tenants.change(held, { state: 'ACTIVE' }))) {
      throw new VaultError('conflict', 'the tenant is not suspended');
    }
    const object = { id };
    const events = [DEPLOYMENT, id].map((log) => event(log, by, 'tenant.resumed', object, request));
    return { result: undefined, events };
  }, request);
}
