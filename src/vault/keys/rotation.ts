// Rotating a tenant's key: its wrap generation rises by one, with new key material, a new key, another mode, or alone.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type KeyReference, keyOf, type Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { type Permit, UNRESTRICTED } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { makeTenantKek } from './make-tenant-kek.ts';

/** How a key was rotated, for the event. */
export type RotationMethod = 'material' | 'new-key' | 'given-key' | 'raise' | 'volume-on' | 'volume-off';

/** The tenant's key and generation after a rotation. What was wrapped before stays readable until it is retired. */
export type RotationResult = { readonly tenant: string; readonly wrap: number; readonly key: KeyReference };

/** A tenant that has a key. Throws `not_found`, or `not_available` before it has one. */
export async function tenantWithKey(vault: Pick<Vault, 'db'>, id: string, request: RequestContext): Promise<Tenant> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  if (tenant.state === 'CREATING') throw new VaultError('not_available', 'the tenant is not finished yet');
  return tenant;
}

/** What the rotation changes besides the generation, and a further check or change in its transaction. */
export type RotationOptions = {
  readonly how: RotationMethod;
  readonly to?: Partial<Pick<Tenant, 'key' | 'volume'>>;
  readonly with?: (tx: Transaction) => Promise<void>;
  readonly permit?: Permit;
};

/** What a rotation needs: in volume mode a generation begins with a new KEK. */
export type RotationDeps = Pick<Vault, 'db' | 'keys' | 'store' | 'clock' | 'metadataKeys'>;

/**
 * Raises the generation of a tenant that was just read, in one transaction with its events. Also for a suspended
 * tenant: rotation follows a suspected compromise. Throws `conflict` where the tenant changed meanwhile.
 */
export async function rotateKey(
  vault: RotationDeps,
  by: Actor,
  tenant: Tenant,
  { how, to = {}, with: also, permit = UNRESTRICTED }: RotationOptions,
  request: RequestContext,
): Promise<RotationResult> {
  const after: Tenant = { ...tenant, ...to, wrap: tenant.wrap + 1 };
  const [from, key] = [keyOf(tenant), keyOf(after)];
  const kek = after.volume ? await makeTenantKek(vault, after, after.wrap, request) : null;
  await vault.db.change(async (tx) => {
    const locked = await tx.tenants.lock(tenant.tenant);
    if (locked !== null) await permit.check(tx);
    if (locked?.version !== tenant.version || !(await tx.tenants.change(locked, { ...to, wrap: after.wrap }))) {
      throw new VaultError('conflict', 'a concurrent update changed the tenant first');
    }
    if (kek !== null) await tx.wrappedKeys.insertTenantKek(kek);
    await also?.(tx);
    const moved = from.id === key.id ? {} : { from: from.id };
    const object = { id: tenant.tenant, how, wrap: after.wrap, key: key.id, ...moved };
    const made = event(tenant.tenant, by, 'key.rotated', { ...object, ...permit.marks }, request);
    // A change is in the log of its tenant alone.
    const copy = event(DEPLOYMENT, by, 'key.rotated', object, request);
    return { result: undefined, events: [copy, made, ...(await permit.finish(tx, [made]))] };
  }, request);
  return { tenant: tenant.tenant, wrap: after.wrap, key };
}

/**
 * Asks the key service for new material in the tenant's key, and raises the generation. After a crash in between, the
 * material is new and the generation is not: repeating it is harmless. Throws the key service's errors, and as
 * `rotateKey`.
 */
export async function rotateKeyMaterial(
  vault: RotationDeps,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  await vault.keys.rotate(keyOf(tenant), request);
  return rotateKey(vault, by, tenant, { how: 'material' }, request);
}

/** Raises the generation: a re-wrap then brings every key to it. Throws as `rotateKey`. */
export async function raiseGeneration(
  vault: RotationDeps,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<RotationResult> {
  return rotateKey(vault, by, await tenantWithKey(vault, id, request), { how: 'raise' }, request);
}

/**
 * Sets a tenant's volume mode: a new generation either way, and a re-wrap brings older keys to it. Throws `conflict`
 * where the mode is set already, the key service's errors, and as `rotateKey`.
 */
export async function setVolumeMode(
  vault: RotationDeps,
  by: Actor,
  id: string,
  on: boolean,
  request: RequestContext,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  if (tenant.volume === on) throw new VaultError('conflict', `volume mode is ${on ? 'on' : 'off'} already`);
  return rotateKey(vault, by, tenant, { how: on ? 'volume-on' : 'volume-off', to: { volume: on } }, request);
}
