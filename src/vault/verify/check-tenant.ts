// The check of tenant.json against the tenant's row.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { parseTenant, tenantPath, verifyTenant } from '../../envelope/tenant-blob.ts';
import { hasCode } from '../../errors.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { readBlob } from '../core/objects/read-blob.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Finding } from './finding.ts';

/** The fault of tenant.json, or null. Throws the transient errors of store and key service. */
export async function checkTenantBlob(
  vault: Pick<Vault, 'db' | 'store' | 'metadataKeys'>,
  tenant: Tenant,
  request: RequestContext,
): Promise<Finding | null> {
  const find = (kind: Finding['kind'], why?: string): Finding => ({
    kind,
    tenant: tenant.tenant,
    ...(why === undefined ? {} : { why }),
  });
  const found = await readBlob(vault, locationOf(tenant), tenantPath(tenant.tenant), parseTenant, request);
  if (found === 'missing') return find('tenant_blob_missing');
  if (found === 'damaged') return find('tenant_blob_damaged', 'form');
  const { bytes, content: said } = found;
  if (said.tenant !== tenant.tenant) return find('tenant_blob_swapped');
  const authentic = await isAuthentic(vault, tenant, bytes, request);
  if (authentic === null) return find('tenant_key_refused');
  if (!authentic) return find('tenant_blob_damaged', 'mac');
  if (said.created !== tenant.created) return find('tenant_blob_differs', 'created');
  const { metadataKey, blobWrap } = tenant;
  const { key } = said;
  const wrap = metadataKey?.wrap ?? 0;
  if (key.wrap > wrap) return find('tenant_row_behind');
  if (key.wrap < wrap) {
    return find('tenant_blob_behind', (blobWrap ?? wrap) <= key.wrap ? 'not_rewritten_yet' : 'rolled_back');
  }
  const same =
    metadataKey !== null &&
    key.id === metadataKey.id &&
    key.scheme === metadataKey.scheme &&
    Buffer.compare(key.wrapped, metadataKey.wrapped) === 0;
  return same ? null : find('tenant_blob_differs', 'key');
}

/** Whether it carries the MAC of the row's metadata key; null where the key service denies that key. */
async function isAuthentic(
  vault: Pick<Vault, 'metadataKeys'>,
  tenant: Tenant,
  bytes: Buffer,
  request: RequestContext,
): Promise<boolean | null> {
  let metadataKey: SecretKey;
  try {
    metadataKey = await vault.metadataKeys.get(tenant, request);
  } catch (error) {
    if (hasCode(error, 'key_refused')) return null;
    throw error;
  }
  try {
    verifyTenant(bytes, metadataKey);
    return true;
  } catch (error) {
    if (hasCode(error, 'integrity')) return false;
    throw error;
  }
}
