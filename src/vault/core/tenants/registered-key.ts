// Keys that a customer brings along: named as the key service names keys, and nobody else's.
import { VaultError } from '../../../errors.ts';
import type { KeyReference } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Whether another tenant has this key, or turned away from it while what it wrapped is still there. */
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

/** What is thrown then. */
export function keyTaken(): VaultError {
  return new VaultError('conflict', 'another tenant has this key: every tenant has one of its own');
}

/**
 * The key that is named, before anything is written. Throws `malformed` for a name that the key service does not have,
 * and `conflict` for a key that is taken.
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
