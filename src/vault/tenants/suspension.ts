// Suspending a tenant, which ends its live sessions, and resuming it once its metadata key opens.
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession } from '../core/sessions/end-session.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'sessionKeys' | 'metadataKeys' | 'tenantKeks' | 'ingestKeys'>;

/**
 * Suspends a tenant and returns how many sessions that ended. Sessions in other processes stop within one piece. Throws
 * `not_found`, and `conflict` where the tenant is not active.
 */
export async function suspendTenant(vault: Deps, by: Actor, id: string, request: RequestContext): Promise<number> {
  const { result } = await vault.db.change(async (tx) => {
    // Locked: a concurrent re-wrap or rotation delays this, instead of causing a conflict.
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
  vault.ingestKeys.drop(id);
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
    const locked = await tx.tenants.lock(id);
    if (locked?.state !== 'SUSPENDED' || !(await tx.tenants.change(locked, { state: 'ACTIVE' }))) {
      throw new VaultError('conflict', 'the tenant is not suspended');
    }
    const object = { id };
    const events = [DEPLOYMENT, id].map((log) => event(log, by, 'tenant.resumed', object, request));
    return { result: undefined, events };
  }, request);
}
