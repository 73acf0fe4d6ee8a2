// The key that authenticates a tenant's authority rows.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import { DEPLOYMENT } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { findTenant } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';

/**
 * The tenant's metadata key, whether the tenant is active or suspended; null for the deployment, which has no key.
 * Throws `not_found` for a tenant that does not exist, and the key service's errors: callvault admits no caller whose
 * rows it cannot check.
 */
export async function authorityKey(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<SecretKey | null> {
  if (tenant === DEPLOYMENT) return null;
  const row = await findTenant(vault, tenant, request);
  if (row === null) throw new VaultError('not_found', 'there is no such tenant');
  return vault.metadataKeys.get(row, request);
}
