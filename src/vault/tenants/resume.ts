// Resuming a suspended tenant: only while its metadata key still opens.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

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
    const object = { type: 'tenant', id };
    const events = [DEPLOYMENT, id].map((log) => event(log, by, 'tenant.resumed', object, request));
    return { result: undefined, events };
  }, request);
}
