// Data keys of deposits: made under the tenant's current generation, unwrapped by their rows, which are the authority.
import { type KeyContext, keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, WrappedKeyRow } from '../../model/recording.ts';
import { isOneService, type KeyReference, keyOf, type Tenant } from '../../model/tenant.ts';
import type { ServiceWrapped, Wrapped } from '../../ports/key-service.ts';
import type { DepositKey, RewrappedKey } from '../../ports/rows/wrapped-key-rows.ts';
import type { MadeKey } from '../deposit/depositing.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

type Ids = Pick<Deposit, 'id' | 'recording'>;

/** A new data key for a deposit, under the tenant's key and generation. Throws the key service's errors. */
export async function makeDataKey(
  vault: Pick<Vault, 'keys'>,
  tenant: Tenant,
  ids: Ids,
  request: Request,
): Promise<MadeKey> {
  const context = objectContext(tenant, ids, tenant.wrap);
  const { scheme, id } = keyOf(tenant);
  const made = await vault.keys.generateDataKey({ scheme, id }, context, request);
  return { scheme, id: made.id, wrap: tenant.wrap, wrapped: made.wrapped, dataKey: made.dataKey };
}

/** What a re-wrapped key is to stand as, and whether it was lent to this process for the while. */
export type Rewrap = { readonly to: RewrappedKey['to']; readonly lent: boolean };

/** A deposit's data key wrapped under its tenant's key and generation as they are now. Throws as `unwrapDataKey`. */
export async function rewrapDataKey(
  vault: Pick<Vault, 'keys'>,
  tenant: Tenant,
  row: DepositKey,
  request: Request,
): Promise<Rewrap> {
  requireMinimum(tenant, row);
  const deposit = { id: row.deposit, recording: row.recording };
  const key = keyOf(tenant);
  const to = { key, context: objectContext(tenant, deposit, tenant.wrap) };
  const moved = await moveKey(vault, serviceWrapped(row), objectContext(tenant, deposit, row.wrap), to, request);
  const { id: keyId, wrapped } = moved.made;
  return { to: { scheme: key.scheme, keyId, wrap: tenant.wrap, wrapped }, lent: moved.lent };
}

/**
 * A key wrapped under another key, another context, or both. Where one key service holds both keys it never leaves it;
 * else it is unwrapped here and wrapped there, lent to this process for the length of that one call.
 */
export async function moveKey(
  vault: Pick<Vault, 'keys'>,
  from: ServiceWrapped,
  context: KeyContext,
  to: { readonly key: KeyReference; readonly context: KeyContext },
  request: Request,
): Promise<{ readonly made: Wrapped; readonly lent: boolean }> {
  if (isOneService(from, to.key)) return { made: await vault.keys.rewrap(from, context, to, request), lent: false };
  const key = await vault.keys.unwrap(from, context, request);
  try {
    return { made: await vault.keys.wrap(to.key, key, to.context, request), lent: true };
  } finally {
    key.zero();
  }
}

function serviceWrapped({
  scheme,
  keyId,
  wrapped,
}: Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrapped'>): ServiceWrapped {
  if (scheme === 'tenant-kek') throw new VaultError('key_refused', 'there is no such tenant KEK');
  return { scheme, id: keyId, wrapped };
}

function objectContext(tenant: Pick<Tenant, 'tenant'>, { id, recording }: Ids, wrap: number): KeyContext {
  return keyContext({ use: 'object', tenant: tenant.tenant, recording, deposit: id, wrap });
}

function requireMinimum(tenant: Pick<Tenant, 'minimumWrap'>, key: Pick<WrappedKeyRow, 'wrap'>): void {
  if (key.wrap < tenant.minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
}

/** The data key. Throws `key_refused` below the tenant's minimum generation, or the key service's errors. */
export function unwrapDataKey(
  vault: Pick<Vault, 'keys'>,
  tenant: Pick<Tenant, 'tenant' | 'minimumWrap'>,
  deposit: Ids,
  key: Omit<WrappedKeyRow, 'envelopeWrap'>,
  request: Request,
): Promise<SecretKey> {
  requireMinimum(tenant, key);
  return vault.keys.unwrap(serviceWrapped(key), objectContext(tenant, deposit, key.wrap), request);
}
