// Whose a change is: a tenant's, or the deployment's, which has neither a row nor a key.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, findTenant, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** A tenant with the row that its changes build on, and the key that seals them. */
export type TenantOwner = { readonly id: string; readonly tenant: Tenant; readonly metadataKey: SecretKey };

/** The deployment: its changes hold ids, codes and digests, and count by its log. */
export type DeploymentOwner = { readonly id: typeof DEPLOYMENT; readonly tenant: null; readonly metadataKey: null };

export type Owner = TenantOwner | DeploymentOwner;

/** Reads the owner in a transaction, and locks the row of a tenant. */
export type OwnerLock<O extends Owner = Owner> = (tx: Pick<Transaction, 'tenants'>) => Promise<O>;

const THE_DEPLOYMENT: DeploymentOwner = { id: DEPLOYMENT, tenant: null, metadataKey: null };

/** Of the deployment, which has no row to lock: what must hold is required once more when the event has its place. */
export const lockDeployment: OwnerLock<DeploymentOwner> = async () => THE_DEPLOYMENT;

type Deps = Pick<Vault, 'db' | 'metadataKeys'>;

/** Of a tenant in any state, for commands. Throws `not_found`, and the key service's errors. */
export async function tenantLock(vault: Deps, id: string, request: RequestContext): Promise<OwnerLock<TenantOwner>> {
  const found = await findTenant(vault, id, request);
  if (found === null) throw noTenant();
  const metadataKey = await vault.metadataKeys.get(found, request);
  return async (tx) => {
    const tenant = await tx.tenants.lock(id);
    if (tenant === null) throw noTenant();
    return { id, tenant, metadataKey };
  };
}

/** The owner of a change that someone reads or decides. Throws as `activeTenantAndKey`. */
export async function activeOwner(vault: Deps, id: string, request: RequestContext): Promise<Owner> {
  if (id === DEPLOYMENT) return THE_DEPLOYMENT;
  return { id, ...(await activeTenantAndKey(vault, id, request)) };
}

/** The same owner in a transaction, with a tenant's row as it is now. Throws as `activeTenant`. */
export async function lockAgain(tx: Pick<Transaction, 'tenants'>, owner: Owner): Promise<Owner> {
  if (owner.tenant === null) return owner;
  // Exclusive: what a change builds on cannot move, and two decisions come one after the other.
  return { ...owner, tenant: requireActive(await tx.tenants.lock(owner.id)) };
}

/** The same owner with a tenant's row as it is now, without a lock. Throws as `activeTenant`. */
export async function readAgain(rows: Pick<Rows, 'tenants'>, owner: Owner): Promise<Owner> {
  if (owner.tenant === null) return owner;
  return { ...owner, tenant: requireActive(await rows.tenants.find(owner.id)) };
}

function noTenant(): VaultError {
  return new VaultError('not_found', 'there is no such tenant');
}
