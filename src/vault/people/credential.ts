// Whether what a caller presented still holds: looked at again by whatever takes time, or counts.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isLive } from '../../model/sign-in.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { requireAuthentic } from '../authority/rows.ts';

/**
 * The tenant's metadata key, which its authority rows are checked with; `unchecked` where their states alone are looked at,
 * because what follows gives nothing; null for the deployment's own people.
 */
export type RowKey = SecretKey | 'unchecked' | null;

/**
 * Whether the credential that was presented still holds: an API key, or a sign-in session. Throws `integrity` for a row
 * that is not authentic.
 */
export async function isCredentialLive(rows: Rows, by: Caller, now: string, rowKey: RowKey): Promise<boolean> {
  if (by.signIn !== undefined) {
    const signIn = await rows.signIns.signIn(by.signIn.id);
    if (signIn !== null && rowKey !== 'unchecked') requireAuthentic(rowKey, 'sign_in', signIn);
    return signIn !== null && isLive(signIn, now);
  }
  const key = by.apiKey === undefined ? null : await rows.principals.apiKey(by.apiKey);
  if (key !== null && rowKey !== 'unchecked') requireAuthentic(rowKey, 'api_key', key);
  return by.apiKey === undefined || (key?.state === 'ACTIVE' && now < key.expires);
}

/**
 * Holds the caller in a transaction, first of all it holds: whoever turns them off or signs them out comes before or
 * after it. Throws `unauthenticated` where that came before, `integrity` for a row that is not authentic.
 */
export async function requireLive(tx: Transaction, by: Caller, rowKey: RowKey): Promise<void> {
  const person = await tx.principals.lock(by.tenant, by.principal);
  if (person !== null && rowKey !== 'unchecked') requireAuthentic(rowKey, 'principal', person);
  if (person?.state === 'ACTIVE' && (await isCredentialLive(tx, by, await tx.now(), rowKey))) return;
  throw new VaultError('unauthenticated', 'the credential is no longer valid');
}
