// Rows of a tenant together with the metadata key that authenticates them.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/**
 * Reads rows in one snapshot and gets the metadata key of the tenant's row among them; null where `read` finds none. If
 * the key had to be unwrapped, which takes long, the rows are read once more afterwards. Throws the key service's errors.
 */
export async function readWithKey<Found extends { readonly tenant: Tenant }>(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  read: (rows: Rows) => Promise<Found | null>,
  request: RequestContext,
): Promise<{ readonly found: Found; readonly metadataKey: SecretKey } | null> {
  const held = vault.metadataKeys.held(tenant);
  const first = await vault.db.read(read, request);
  if (first === null) return null;
  const metadataKey = await vault.metadataKeys.get(first.tenant, request);
  const found = metadataKey === held ? first : await vault.db.read(read, request);
  return found === null ? null : { found, metadataKey };
}
