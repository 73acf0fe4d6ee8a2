// Opening tenant.json without the tenant's row: form, id, trusted key, MAC, in this order.
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { parseTenant, type TenantBlob, tenantPath, verifyTenant } from '../../envelope/tenant-blob.ts';
import { VaultError } from '../../errors.ts';
import type { KeyReference, StoreLocation } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { requireTrusted, type TrustedKeys } from './trusted-keys.ts';

/** An opened tenant.json; the caller overwrites the metadata key. */
export type OpenedTenant = {
  readonly blob: TenantBlob;
  readonly scheme: KeyReference['scheme'];
  readonly metadataKey: SecretKey;
};

/**
 * Opens the tenant's blob. Throws `blob_missing`; `malformed` or `format_unknown` for its form; `integrity` where it is
 * another tenant's or its MAC does not verify; `key_refused` for a key that is not trusted or denied; and the errors of
 * store and key service.
 */
export async function openTenantBlob(
  vault: Pick<Vault, 'store' | 'keys'>,
  place: StoreLocation,
  tenant: string,
  trusted: TrustedKeys,
  request: RequestContext,
): Promise<OpenedTenant> {
  const found = await vault.store.get(place, tenantPath(tenant), MAX_ENVELOPE, request);
  if (found === null) throw new VaultError('blob_missing', 'the store has no tenant.json of this tenant');
  const blob = parseTenant(found.bytes);
  if (blob.tenant !== tenant) throw new VaultError('integrity', "another tenant's tenant.json has this name");
  const { scheme, id, wrap, wrapped } = blob.key;
  requireTrusted(blob.key, trusted);
  const context = keyContext({ use: 'metadata', tenant, wrap });
  const metadataKey = await vault.keys.unwrap({ scheme, id, wrapped }, context, request);
  try {
    verifyTenant(found.bytes, metadataKey);
  } catch (error) {
    metadataKey.zero();
    throw error;
  }
  return { blob, scheme, metadataKey };
}
