// The caller's active tenant, alone or with its metadata key.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Transaction } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** The tenant's row. Throws `not_found`, or `not_available` where the tenant is suspended or not ready. */
export async function activeTenant(vault: Pick<Vault, 'db'>, id: string, request: RequestContext): Promise<Tenant> {
  return requireActive(await findTenant(vault, id, request));
}

/** The tenant's row, as the credential check read it or from the database; null where there is none. */
export async function findTenant(
  vault: Pick<Vault, 'db'>,
  id: string,
  request: RequestContext,
): Promise<Tenant | null> {
  const known = request.callerTenant?.() ?? null;
  return known?.tenant === id ? known : vault.db.read((rows) => rows.tenants.find(id), request);
}

/**
 * Locks the tenant, so that it is not suspended before the transaction ends. Locks are taken in one order:
 * the caller's principal, the tenant, the recording, its grant (decision 0012). Throws as `activeTenant`.
 */
export async function lockActiveTenant(tx: Pick<Transaction, 'tenants'>, id: string): Promise<Tenant> {
  return requireActive(await tx.tenants.share(id));
}

/** The tenant's row and its metadata key. Throws as `activeTenant`, or the key service's errors. */
export async function activeTenantAndKey(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  id: string,
  request: RequestContext,
): Promise<{ readonly tenant: Tenant; readonly metadataKey: SecretKey }> {
  const tenant = await activeTenant(vault, id, request);
  return { tenant, metadataKey: await vault.metadataKeys.get(tenant, request) };
}

/**
 * The tenant's metadata key, for work that checks the tenant's state itself, in its own transaction: reads no row where
 * the key is in memory. Throws as `activeTenantAndKey`.
 */
export async function metadataKeyOf(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  id: string,
  request: RequestContext,
): Promise<SecretKey> {
  return vault.metadataKeys.held(id) ?? (await activeTenantAndKey(vault, id, request)).metadataKey;
}

const RETRY_AFTER = 60;

/** The tenant of its row. Throws as `activeTenant`. */
export function requireActive(tenant: Tenant | null): Tenant {
  if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  if (tenant.state === 'ACTIVE') return tenant;
  throw new VaultError('not_available', 'the tenant is not active', { retryAfter: RETRY_AFTER });
}
