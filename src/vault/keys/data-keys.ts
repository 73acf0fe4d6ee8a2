// Unwrapping a deposit's data key by its rows, which are the authority on key, generation and context.
import { keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, WrappedKeyRow } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** The data key. Throws `key_refused` below the tenant's minimum generation, or the key service's errors. */
export function unwrapDataKey(
  vault: Pick<Vault, 'keys'>,
  tenant: Pick<Tenant, 'tenant' | 'minimumWrap'>,
  deposit: Pick<Deposit, 'id' | 'recording'>,
  key: WrappedKeyRow,
  request: Request,
): Promise<SecretKey> {
  if (key.wrap < tenant.minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
  const { recording, id } = deposit;
  const context = keyContext({ use: 'object', tenant: tenant.tenant, recording, deposit: id, wrap: key.wrap });
  return vault.keys.unwrap({ scheme: key.scheme, id: key.keyId, wrapped: key.wrapped }, context, request);
}
