// A tenant KEK from its blob. The key that wraps it must be trusted; the KEK's own id proves nothing.
import { MAX_ENVELOPE, type WrappedKey } from '../../envelope/envelope.ts';
import { keyContext } from '../../envelope/key-context.ts';
import { parseTenantKek, tenantKekPath } from '../../envelope/tenant-kek-blob.ts';
import { VaultError } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { TenantKeks } from '../core/keys-in-memory/tenant-keks.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { requireTrusted, type TrustedKeys } from './trusted-keys.ts';

/** Lends KEKs from their blobs in the bucket and keeps none. */
export type KekLender = Pick<TenantKeks, 'lend'>;

/**
 * The KEK that a wrapped data key names. Lending it throws `blob_missing`; `malformed` or `format_unknown` for its
 * blob; `integrity` where the blob is of another KEK; `key_refused` where the key that wraps it is not trusted or does
 * not open it. Its MAC is not checked: only a holder of the trusted key can make a KEK that this key opens in this
 * context.
 */
export function kekFromBlob(
  vault: Pick<Vault, 'store' | 'keys'>,
  place: StoreLocation,
  { id }: Pick<WrappedKey, 'id'>,
  trusted: TrustedKeys,
): KekLender {
  return {
    lend: async (tenant, wrap, borrow, request) => {
      const key = await readKek(vault, place, { tenant, id, wrap }, trusted, request);
      const { scheme, id: by, wrapped } = key;
      const context = keyContext({ use: 'kek', tenant, wrap });
      const kek = await vault.keys.unwrap({ scheme, id: by, wrapped }, context, request);
      try {
        return kek.use((bytes) => borrow({ id, bytes }));
      } finally {
        kek.zero();
      }
    },
  };
}

async function readKek(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  named: { readonly tenant: string; readonly id: string; readonly wrap: number },
  trusted: TrustedKeys,
  request: RequestContext,
) {
  const blob = await vault.store.get(place, tenantKekPath(named.tenant, named.id), MAX_ENVELOPE, request);
  if (blob === null) throw new VaultError('blob_missing', 'there is no such tenant KEK');
  const { tenant, id, key } = parseTenantKek(blob.bytes);
  if (tenant !== named.tenant || id !== named.id || key.wrap !== named.wrap) {
    throw new VaultError('integrity', 'another tenant KEK has this name');
  }
  requireTrusted(key, trusted);
  return key;
}
