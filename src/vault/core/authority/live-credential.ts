// The check that a caller's credential is still valid, repeated during long work and before each change.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Caller, Principal } from '../../../model/principal.ts';
import { isSignInLive } from '../../../model/sign-in.ts';
import type { Rows, Transaction } from '../../../ports/database.ts';
import type { PresentedRows } from '../../../ports/rows/look-rows.ts';
import { requireAuthentic } from './authority-rows.ts';
import { requireAuthenticRow } from './logged-rows.ts';

/**
 * Whether the presented credential, an API key or a sign-in session, is still valid by its rows. `rowKey` is the
 * tenant's metadata key. Throws `integrity` for a row that is not authentic.
 */
export function isPresentedLive(
  by: Caller,
  { signIn, apiKey }: PresentedRows,
  now: string,
  rowKey: SecretKey,
): boolean {
  if (signIn !== null) requireAuthentic(rowKey, 'sign_in', signIn);
  if (apiKey !== null) requireAuthentic(rowKey, 'api_key', apiKey);
  return isCredentialValid(by, { signIn, apiKey }, now);
}

/**
 * Reads the credential, and judges by the states of its rows alone, without their MACs: for revoking access, and where a
 * false answer harms nothing.
 */
export async function isCredentialLiveWithoutMac(rows: Rows, by: Caller, now: string): Promise<boolean> {
  return isCredentialValid(by, await credentialOf(rows, by), now);
}

/**
 * Locks the caller's principal; call it before any other lock (the order is in decision 0012). A concurrent deactivation or sign-out comes before or
 * after the transaction. Throws `unauthenticated` where it came before, `integrity` for a row that is not authentic.
 */
export async function requireLiveCaller(tx: Transaction, by: Caller, rowKey: SecretKey | null): Promise<void> {
  await lockCaller(tx, by, rowKey);
  const found = await credentialOf(tx, by);
  if (rowKey !== null) return requireLiveCredential(by, found, await tx.now(), rowKey);
  if (found.signIn !== null) await requireAuthenticRow(tx, rowKey, 'sign_in', found.signIn);
  if (!isCredentialValid(by, found, await tx.now())) throw ended();
}

/**
 * The first half of `requireLiveCaller`: locks the caller's principal. `requireLiveCredential` is the other, for
 * credentials that were read under this lock. Throws as `requireLiveCaller`.
 */
export async function lockCaller(tx: Transaction, by: Caller, rowKey: SecretKey | null): Promise<Principal> {
  const person = await tx.principals.lock(by.tenant, by.principal);
  if (person !== null) await requireAuthenticRow(tx, rowKey, 'principal', person);
  if (person?.state === 'ACTIVE') return person;
  throw ended();
}

/** The second half: the credential's rows, read under the lock on the principal. Throws as `requireLiveCaller`. */
export function requireLiveCredential(by: Caller, rows: PresentedRows, now: string, rowKey: SecretKey): void {
  if (!isPresentedLive(by, rows, now, rowKey)) throw ended();
}

/** The same by the states of the rows alone: for revoking access. Throws `unauthenticated`. */
export async function requireLiveCallerWithoutMac(tx: Transaction, by: Caller): Promise<void> {
  const person = await tx.principals.lock(by.tenant, by.principal);
  if (person?.state === 'ACTIVE' && (await isCredentialLiveWithoutMac(tx, by, await tx.now()))) return;
  throw ended();
}

async function credentialOf(rows: Rows, by: Caller): Promise<PresentedRows> {
  return {
    signIn: by.signIn === undefined ? null : await rows.signIns.signIn(by.signIn.id),
    apiKey: by.apiKey === undefined ? null : await rows.principals.apiKey(by.apiKey),
  };
}

function isCredentialValid(by: Caller, { signIn, apiKey }: PresentedRows, now: string): boolean {
  if (by.signIn !== undefined) return signIn !== null && isSignInLive(signIn, now);
  return by.apiKey === undefined || (apiKey?.state === 'ACTIVE' && now < apiKey.expires);
}

function ended(): VaultError {
  return new VaultError('unauthenticated', 'the credential is no longer valid');
}
