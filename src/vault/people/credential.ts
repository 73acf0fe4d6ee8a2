// Whether what a caller presented still holds: looked at again by whatever takes time, or counts.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isLive } from '../../model/sign-in.ts';
import type { Rows, Transaction } from '../../ports/database.ts';

/** Whether the credential that was presented still holds: an API key, or a sign-in session. */
export async function isCredentialLive(rows: Rows, by: Caller, now: string): Promise<boolean> {
  if (by.signIn !== undefined) {
    const signIn = await rows.signIns.signIn(by.signIn.id);
    return signIn !== null && isLive(signIn, now);
  }
  const key = by.apiKey === undefined ? null : await rows.principals.apiKey(by.apiKey);
  return by.apiKey === undefined || (key?.state === 'ACTIVE' && now < key.expires);
}

/**
 * Holds the caller in a transaction, first of all it holds: whoever turns them off or signs them out comes before or
 * after it. Throws `unauthenticated` where that came before.
 */
export async function requireLive(tx: Transaction, by: Caller): Promise<void> {
  const person = await tx.principals.lock(by.tenant, by.principal);
  if (person?.state === 'ACTIVE' && (await isCredentialLive(tx, by, await tx.now()))) return;
  throw new VaultError('unauthenticated', 'the credential is no longer valid');
}
