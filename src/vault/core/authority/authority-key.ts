// The key that a tenant's authority rows are checked with.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import { DEPLOYMENT } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/**
 * The tenant's metadata key, whether it is active or suspended; null for the deployment, which has none. Throws
 * `not_found` for a tenant that does not exist, and the key service's errors: without the key nothing is let in.
 */
export async function authorityKey(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<SecretKey | null> {
  if (tenant === DEPLOYMENT) return null;
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), request);
  if (row === null) throw new VaultError('not_found', 'there is no such tenant');
  return vault.metadataKeys.get(row, request);
}
