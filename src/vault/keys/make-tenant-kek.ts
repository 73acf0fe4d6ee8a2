// A new tenant KEK: one per generation of volume mode, wrapped by the key service, also stored in the bucket.
import { newTenantKekId } from '../../bytes/ids.ts';
import { keyContext } from '../../envelope/key-context.ts';
import { encodeTenantKek, tenantKekPath } from '../../envelope/tenant-kek-blob.ts';
import type { TenantKekRow } from '../../model/recording.ts';
import { keyOf, locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Makes a KEK for generation `wrap` of a tenant, under the key in the tenant's row, and writes it to the bucket. The
 * caller inserts the returned row in the transaction that raises the generation; otherwise the KEK is never used.
 * Throws the errors of key service and store.
 */
export async function makeTenantKek(
  vault: Pick<Vault, 'keys' | 'store' | 'clock' | 'metadataKeys'>,
  tenant: Tenant,
  wrap: number,
  request: RequestContext,
): Promise<TenantKekRow> {
  const { scheme, id: named } = keyOf(tenant);
  const context = keyContext({ use: 'kek', tenant: tenant.tenant, wrap });
  const made = await vault.keys.generateDataKey({ scheme, id: named }, context, request);
  made.dataKey.zero();
  const { id: keyId, wrapped } = made;
  const row: TenantKekRow = {
    tenant: tenant.tenant,
    id: newTenantKekId(),
    created: new Date(vault.clock.now()).toISOString(),
    wrap,
    scheme,
    keyId,
    wrapped,
  };
  await putTenantKek(vault, tenant, row, request);
  return row;
}

async function putTenantKek(
  vault: Pick<Vault, 'store' | 'metadataKeys'>,
  tenant: Tenant,
  row: TenantKekRow,
  request: RequestContext,
): Promise<void> {
  const { id, created, scheme, keyId, wrap, wrapped } = row;
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const blob = { tenant: tenant.tenant, id, created, key: { scheme, id: keyId, wrap, wrapped } };
  const path = tenantKekPath(tenant.tenant, id);
  await vault.store.put(locationOf(tenant), path, encodeTenantKek(blob, metadataKey), id, request);
}
