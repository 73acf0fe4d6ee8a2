// Moving a tenant to another key: a new one of ours, or one that the customer names.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { RequestContext } from '../core/request-context.ts';
import { proveKey } from '../core/tenants/prove-key.ts';
import { isKeyTaken, keyTaken, requireUnusedKey } from '../core/tenants/registered-key.ts';
import { type RotationDeps, type RotationResult, rotateKey, tenantWithKey } from './rotation.ts';

/**
 * Makes the tenant a new key, leads the name of the tenant's key there, and moves the tenant. Whatever of it fails, and
 * wherever it is killed, the next try finds the key that was made and does the rest. Throws the key service's errors, and as `turn`.
 */
export async function moveToNewKey(
  vault: RotationDeps,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  const key = await vault.keys.createKey(id, tenant.wrap + 1, request);
  // Before the turn: after it, a name that could not be given would be tried again with yet another key.
  await vault.keys.nameKey(id, key, request);
  return rotateKey(vault, by, tenant, { how: 'new-key', to: { key } }, request);
}

/**
 * Moves the tenant to an existing key, once it is proven: the customer's own, or back from one. Throws `malformed` for a
 * name that the key service does not have, `conflict` where another tenant has or had it, and as `proveKey`.
 */
export async function moveToKey(
  vault: RotationDeps,
  by: Actor,
  id: string,
  named: string,
  request: RequestContext,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  if (tenant.key?.id === named) throw new VaultError('conflict', 'the tenant has this key already');
  const key = await requireUnusedKey(vault, id, named, request);
  if (tenant.key?.id === key.id) throw new VaultError('conflict', 'the tenant has this key already');
  await proveKey(vault, key, id, request);
  const free = async (tx: Parameters<typeof isKeyTaken>[1]): Promise<void> => {
    if (await isKeyTaken(vault.keys, tx, id, key.id)) throw keyTaken();
  };
  return rotateKey(vault, by, tenant, { how: 'given-key', to: { key }, with: free }, request);
}
