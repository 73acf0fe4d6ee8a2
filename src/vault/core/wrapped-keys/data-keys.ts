// Data keys of deposits: made under the tenant's current generation, unwrapped by their rows, which are the authority.
import { randomBytes } from 'node:crypto';
import type { WrappedKey } from '../../../envelope/envelope.ts';
import { type KeyContext, keyContext } from '../../../envelope/key-context.ts';
import { unwrapLocally, wrapLocally, wrappingVersion } from '../../../envelope/local-wrap.ts';
import { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import type { Deposit, WrappedKeyRow } from '../../../model/recording.ts';
import { type KeyReference, keyOf, type Tenant } from '../../../model/tenant.ts';
import type { ServiceWrapped, WrappedBytes } from '../../../ports/key-service.ts';
import type { DepositKey, RewrappedKey } from '../../../ports/rows/wrapped-key-rows.ts';
import type { LentKek, TenantKeks } from '../keys-in-memory/tenant-keks.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

type DepositIds = Pick<Deposit, 'id' | 'recording'>;
/** Where no database exists, KEKs come from their blobs (src/vault/offline/tenant-kek.ts). */
type KeyDeps = Pick<Vault, 'keys'> & { readonly tenantKeks: Pick<TenantKeks, 'lend'> };

/** A new data key: in memory, and wrapped. */
export type MadeKey = WrappedKey & { readonly dataKey: SecretKey };

/** The only version of a tenant KEK: a new generation has a new KEK. */
const VERSION = 1;

/**
 * A new data key for a deposit, under the tenant's key and generation. In volume mode this process generates it and
 * wraps it under the generation's KEK. Throws the key service's errors.
 */
export async function makeDataKey(
  vault: KeyDeps,
  tenant: Tenant,
  ids: DepositIds,
  request: RequestContext,
): Promise<MadeKey> {
  const context = objectContext(tenant, ids, tenant.wrap);
  if (tenant.volume) {
    const dataKey = new SecretKey(randomBytes(32));
    try {
      const { keyId, ...key } = await wrapUnderKek(vault, tenant, dataKey, context, request);
      return { ...key, id: keyId, dataKey };
    } catch (error) {
      dataKey.zero();
      throw error;
    }
  }
  const { scheme, id } = keyOf(tenant);
  const made = await vault.keys.generateDataKey({ scheme, id }, context, request);
  return { scheme, id: made.id, wrap: tenant.wrap, wrapped: made.wrapped, dataKey: made.dataKey };
}

/** The re-wrapped key, and whether the data key was in this process's memory meanwhile, as it always is under KEKs. */
export type DataKeyRewrap = { readonly to: RewrappedKey['to']; readonly lent: boolean };

/**
 * Re-wraps a deposit's data key under its tenant's current key and generation. Where one key service holds both keys,
 * it does so alone. Across services, and where either key is a tenant KEK, this process unwraps and wraps the data key.
 * Throws as `unwrapDataKey`.
 */
export async function rewrapDataKey(
  vault: KeyDeps,
  tenant: Tenant,
  row: DepositKey,
  request: RequestContext,
): Promise<DataKeyRewrap> {
  requireMinimum(tenant, row);
  const deposit = { id: row.deposit, recording: row.recording };
  const key = keyOf(tenant);
  const to = { key, context: objectContext(tenant, deposit, tenant.wrap) };
  const from = serviceWrapped(row);
  if (from !== null && isOneCall(vault, tenant, row)) {
    const moved = await vault.keys.rewrap(from, objectContext(tenant, deposit, row.wrap), to, request);
    return { to: toRewrappedKey(tenant, key, moved), lent: !vault.keys.provider.rewrapsInside };
  }
  const dataKey = await unwrapDataKey(vault, tenant, deposit, row, request);
  try {
    if (tenant.volume) return { to: await wrapUnderKek(vault, tenant, dataKey, to.context, request), lent: true };
    return { to: toRewrappedKey(tenant, key, await vault.keys.wrap(key, dataKey, to.context, request)), lent: true };
  } finally {
    dataKey.zero();
  }
}

/** Whether the key service alone re-wraps this key to its tenant's current generation, so that no process sees it. */
export function isInsideRewrap(vault: Pick<Vault, 'keys'>, tenant: Tenant, row: DepositKey): boolean {
  return vault.keys.provider.rewrapsInside && isOneCall(vault, tenant, row);
}

function isOneCall({ keys }: Pick<Vault, 'keys'>, tenant: Tenant, row: DepositKey): boolean {
  const from = serviceWrapped(row);
  return from !== null && !tenant.volume && keys.provider.isOneService(from, keyOf(tenant));
}

/** Whether a re-wrap of this key to its tenant's current generation calls the key service for KEKs only. */
export function isLocalRewrap({ volume }: Pick<Tenant, 'volume'>, { scheme }: Pick<WrappedKeyRow, 'scheme'>): boolean {
  return volume && scheme === 'tenant-kek';
}

function toRewrappedKey(
  { wrap }: Pick<Tenant, 'wrap'>,
  { scheme }: KeyReference,
  { id, wrapped }: WrappedBytes,
): RewrappedKey['to'] {
  return { scheme, keyId: id, wrap, wrapped };
}

/**
 * The data key wrapped under the KEK of the tenant's generation. Calls the key service only where the KEK is not in
 * memory.
 */
function wrapUnderKek(
  vault: KeyDeps,
  { tenant, wrap }: Pick<Tenant, 'tenant' | 'wrap'>,
  dataKey: SecretKey,
  context: KeyContext,
  request: RequestContext,
): Promise<RewrappedKey['to'] & { readonly scheme: 'tenant-kek' }> {
  const under = ({ id, bytes }: LentKek) => {
    const wrapped = dataKey.use((key) => wrapLocally(bytes, VERSION, context, key));
    return { scheme: 'tenant-kek', keyId: id, wrap, wrapped } as const;
  };
  return vault.tenantKeks.lend(tenant, wrap, under, request);
}

/** The wrapped key for the key service to unwrap, or null for a key under a tenant KEK. */
function serviceWrapped({
  scheme,
  keyId,
  wrapped,
}: Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrapped'>): ServiceWrapped | null {
  return scheme === 'tenant-kek' ? null : { scheme, id: keyId, wrapped };
}

function objectContext(tenant: Pick<Tenant, 'tenant'>, { id, recording }: DepositIds, wrap: number): KeyContext {
  return keyContext({ use: 'object', tenant: tenant.tenant, recording, deposit: id, wrap });
}

function requireMinimum(tenant: Pick<Tenant, 'minimumWrap'>, key: Pick<WrappedKeyRow, 'wrap'>): void {
  if (key.wrap < tenant.minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
}

/** The data key. Throws `key_refused` below the tenant's minimum generation, or the key service's errors. */
export async function unwrapDataKey(
  vault: KeyDeps,
  tenant: Pick<Tenant, 'tenant' | 'minimumWrap'>,
  deposit: DepositIds,
  key: Omit<WrappedKeyRow, 'envelopeWrap'>,
  request: RequestContext,
): Promise<SecretKey> {
  requireMinimum(tenant, key);
  const { keyId, wrap, wrapped } = key;
  const context = objectContext(tenant, deposit, wrap);
  const service = serviceWrapped(key);
  if (service !== null) return vault.keys.unwrap(service, context, request);
  const open = ({ id, bytes }: LentKek): SecretKey => {
    // Only the KEK of this tenant's generation counts: a row must not lead to another KEK.
    if (id !== keyId) throw new VaultError('key_refused', 'the wrap generation has another tenant KEK');
    return openUnder(bytes, context, wrapped);
  };
  return vault.tenantKeks.lend(tenant.tenant, wrap, open, request);
}

function openUnder(kek: Buffer, context: KeyContext, wrapped: Uint8Array): SecretKey {
  try {
    if (wrappingVersion(wrapped) === VERSION) return new SecretKey(unwrapLocally(kek, context, wrapped));
  } catch (cause) {
    if (!hasCode(cause, 'integrity')) throw cause;
    throw new VaultError('key_refused', 'the wrapped key does not open', { cause });
  }
  throw new VaultError('key_refused', 'the wrapped key names another version of the tenant KEK');
}
