// Data keys of deposits: made under the tenant's current generation, unwrapped by their rows, which are the authority.
import { keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, WrappedKeyRow } from '../../model/recording.ts';
import { keyOf, type Tenant } from '../../model/tenant.ts';
import type { MadeKey } from '../deposit/depositing.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

type Ids = Pick<Deposit, 'id' | 'recording'>;

/** A new data key for a deposit, under the tenant's key and generation. Throws the key service's errors. */
export async function makeDataKey(
  vault: Pick<Vault, 'keys'>,
  tenant: Tenant,
  { id: deposit, recording }: Ids,
  request: Request,
): Promise<MadeKey> {
  const context = keyContext({ use: 'object', tenant: tenant.tenant, recording, deposit, wrap: tenant.wrap });
  const { scheme, id } = keyOf(tenant);
  const made = await vault.keys.generateDataKey({ scheme, id }, context, request);
  return { scheme, id: made.id, wrap: tenant.wrap, wrapped: made.wrapped, dataKey: made.dataKey };
}

/** The data key. Throws `key_refused` below the tenant's minimum generation, or the key service's errors. */
export function unwrapDataKey(
  vault: Pick<Vault, 'keys'>,
  tenant: Pick<Tenant, 'tenant' | 'minimumWrap'>,
  deposit: Ids,
  key: WrappedKeyRow,
  request: Request,
): Promise<SecretKey> {
  if (key.wrap < tenant.minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
  if (key.scheme === 'tenant-kek') throw new VaultError('key_refused', 'there is no such tenant KEK');
  const { recording, id } = deposit;
  const context = keyContext({ use: 'object', tenant: tenant.tenant, recording, deposit: id, wrap: key.wrap });
  return vault.keys.unwrap({ scheme: key.scheme, id: key.keyId, wrapped: key.wrapped }, context, request);
}
