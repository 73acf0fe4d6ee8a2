// Keys that customers register by ARN, each for one tenant.
import { VaultError } from '../../../errors.ts';
import type { KeyReference } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Whether another tenant has this key, or had it and something is still wrapped under it. */
export async function isKeyTaken(
  { provider }: Pick<Vault['keys'], 'provider'>,
  rows: Pick<Rows, 'tenants' | 'wrappedKeys'>,
  tenant: string,
  keyId: string,
): Promise<boolean> {
  const others = (await rows.tenants.all()).filter((row) => row.tenant !== tenant);
  if (others.some((row) => row.key !== null && provider.isSameKey(row.key.id, keyId))) return true;
  const naming = await rows.wrappedKeys.tenantNaming(keyId);
  return naming !== null && naming !== tenant;
}

/** The error for a key that another tenant has. */
export function keyTaken(): VaultError {
  return new VaultError('conflict', 'another tenant has this key: each tenant needs a separate key');
}

/**
 * Checks before any row is written. Throws `malformed` for anything but a key ARN, and `conflict` for a key that is
 * taken.
 */
export async function requireUnusedKey(
  vault: Pick<Vault, 'db' | 'keys'>,
  tenant: string,
  named: string,
  request: RequestContext,
): Promise<KeyReference> {
  const key = vault.keys.provider.parseKey(named);
  if (await vault.db.read((rows) => isKeyTaken(vault.keys, rows, tenant, key.id), request)) throw keyTaken();
  return key;
}
