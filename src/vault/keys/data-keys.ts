// Data keys of deposits: made under the tenant's current generation, unwrapped by their rows, which are the authority.
import { type KeyContext, keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, WrappedKeyRow } from '../../model/recording.ts';
import { isOneService, keyOf, type Tenant } from '../../model/tenant.ts';
import type { Wrapped } from '../../ports/key-service.ts';
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

/**
 * A deposit's data key wrapped under its tenant's key and generation as they are now. Where one key service holds both
 * keys it never leaves it; else it is unwrapped here and wrapped there. Throws as `unwrapDataKey`.
 */
export async function rewrapDataKey(
  vault: Pick<Vault, 'keys'>,
  tenant: Tenant,
  key: DepositKey,
  request: Request,
): Promise<Rewrap> {
  const deposit = { id: key.deposit, recording: key.recording };
  const { scheme, id } = keyOf(tenant);
  const context = objectContext(tenant, deposit, tenant.wrap);
  const made = ({ id: keyId, wrapped }: Wrapped): RewrappedKey['to'] => ({ scheme, keyId, wrap: tenant.wrap, wrapped });
  const from = { scheme: key.scheme, id: key.keyId };
  if (from.scheme !== 'tenant-kek' && isOneService({ ...from, scheme: from.scheme }, { scheme, id })) {
    requireMinimum(tenant, key);
    const wrapped = { scheme: from.scheme, id: from.id, wrapped: key.wrapped };
    const to = { key: { scheme, id }, context };
    const moved = await vault.keys.rewrap(wrapped, objectContext(tenant, deposit, key.wrap), to, request);
    return { to: made(moved), lent: false };
  }
  const dataKey = await unwrapDataKey(vault, tenant, deposit, key, request);
  try {
    return { to: made(await vault.keys.wrap({ scheme, id }, dataKey, context, request)), lent: true };
  } finally {
    dataKey.zero();
  }
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
  if (key.scheme === 'tenant-kek') throw new VaultError('key_refused', 'there is no such tenant KEK');
  const context = objectContext(tenant, deposit, key.wrap);
  return vault.keys.unwrap({ scheme: key.scheme, id: key.keyId, wrapped: key.wrapped }, context, request);
}
