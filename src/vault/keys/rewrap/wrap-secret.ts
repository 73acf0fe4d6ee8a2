// A key that is wrapped again in this process, not inside the key service as data keys are. A role that may re-encrypt to
// the use of metadata or ingest keys could bring a data key there, for many to open: no policy ties the two contexts of
// one re-encryption.
import { keyContext } from '../../../envelope/key-context.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { keyOf, type Tenant } from '../../../model/tenant.ts';
import type { WrappedBytes } from '../../../ports/key-service.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';

/** Wraps a key at the tenant's generation, and overwrites it in memory. Throws the key service's errors. */
export async function wrapSecret(
  vault: Pick<Vault, 'keys'>,
  tenant: Tenant,
  use: 'metadata' | 'ingest',
  secret: SecretKey,
  request: RequestContext,
): Promise<WrappedBytes> {
  try {
    const context = keyContext({ use, tenant: tenant.tenant, wrap: tenant.wrap });
    return await vault.keys.wrap(keyOf(tenant), secret, context, request);
  } finally {
    secret.zero();
  }
}
