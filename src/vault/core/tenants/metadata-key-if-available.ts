// A tenant's metadata key, if available: for reads that are useful without names.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { isKeyUnavailable } from '../wrapped-keys/key-unavailable.ts';
import { activeTenantAndKey } from './active-tenant.ts';

/** The key; null while the tenant is suspended, or its key is denied or unavailable. Throws the database's errors. */
export async function metadataKeyIfAvailable(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<SecretKey | null> {
  try {
    return (await activeTenantAndKey(vault, tenant, request)).metadataKey;
  } catch (error) {
    if (isKeyUnavailable(error)) return null;
    throw error;
  }
}
