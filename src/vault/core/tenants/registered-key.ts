// Keys that a customer brings along: named by their ARN, and nobody else's.
import { VaultError } from '../../../errors.ts';
import type { Rows } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Whether another tenant has this key, or turned away from it while what it wrapped is still there. */
export async function isKeyTaken(
  rows: Pick<Rows, 'tenants' | 'wrappedKeys'>,
  tenant: string,
  keyId: string,
): Promise<boolean> {
  const others = (await rows.tenants.all()).filter((row) => row.tenant !== tenant);
  if (others.some((row) => row.key !== null && sameKey(row.key.id, keyId))) return true;
  const naming = await rows.wrappedKeys.tenantNaming(keyId);
  return naming !== null && naming !== tenant;
}

/** Replicas of a multi-Region key (`mrk-…`) are one key, whatever their Regions. */
function sameKey(one: string, other: string): boolean {
  if (one === other) return true;
  const whole = /^(arn:[a-z-]+:kms:)[a-z0-9-]+(:\d+:key\/mrk-.*)$/;
  return whole.test(one) && one.replace(whole, '$1$2') === other.replace(whole, '$1$2');
}

/** What is thrown then. */
export function keyTaken(): VaultError {
  return new VaultError('conflict', 'another tenant has this key: every tenant has one of its own');
}

/** Before anything is written: throws `malformed` for what is no key ARN, and `conflict` for a key that is taken. */
export async function requireUnusedKey(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  keyId: string,
  request: RequestContext,
): Promise<void> {
  if (!/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,64}$/.test(keyId)) {
    throw new VaultError('malformed', 'a key is named by its ARN: arn:aws:kms:REGION:ACCOUNT:key/ID');
  }
  if (await vault.db.read((rows) => isKeyTaken(rows, tenant, keyId), request)) throw keyTaken();
}
