// Moving a tenant to another key: a new one that callvault creates, or one that the customer names.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { KeyReference, Tenant } from '../../model/tenant.ts';
import { UNRESTRICTED } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import { proveKey } from '../core/tenants/prove-key.ts';
import { isKeyTaken, keyTaken, requireUnusedKey } from '../core/tenants/registered-key.ts';
import type { Vault } from '../core/vault.ts';
import { type RotationDeps, type RotationResult, rotateKey, tenantWithKey } from './rotation.ts';

/**
 * Creates a new key for the tenant, points the tenant's key name to it, and moves the tenant. After a failure or a
 * crash the next attempt finds the created key and does the rest. Throws the key service's errors, and as `rotateKey`.
 */
export async function moveToNewKey(
  vault: RotationDeps,
  by: Actor,
  id: string,
  request: RequestContext,
  permit = UNRESTRICTED,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  const key = await vault.keys.createKey(id, tenant.wrap + 1, request);
  // Before the rotation: if naming failed after it, the next attempt would create yet another key.
  await vault.keys.nameKey(id, key, request);
  return rotateKey(vault, by, tenant, { how: 'new-key', to: { key }, permit }, request);
}

/**
 * Moves the tenant to an existing KMS key, once it is proven: to the customer's own, or back from it. Throws
 * `malformed` for anything but a key ARN, `conflict` where another tenant has or had the key, and as `proveKey`.
 */
export async function moveToKey(
  vault: RotationDeps,
  by: Actor,
  id: string,
  named: string,
  request: RequestContext,
  permit = UNRESTRICTED,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  const key = await requireProvenKey(vault, tenant, named, request);
  const free = async (tx: Parameters<typeof isKeyTaken>[1]): Promise<void> => {
    if (await isKeyTaken(vault.keys, tx, id, key.id)) throw keyTaken();
  };
  return rotateKey(vault, by, tenant, { how: 'given-key', to: { key }, with: free, permit }, request);
}

/** An existing key that the tenant can move to. Throws as `moveToKey`. */
export async function requireProvenKey(
  vault: Pick<Vault, 'db' | 'keys' | 'clock'>,
  { tenant: id, key: current }: Tenant,
  named: string,
  request: RequestContext,
): Promise<KeyReference> {
  if (current?.id === named) throw new VaultError('conflict', 'the tenant has this key already');
  const key = await requireUnusedKey(vault, id, named, request);
  if (current?.id === key.id) throw new VaultError('conflict', 'the tenant has this key already');
  await proveKey(vault, key, id, request);
  return key;
}
