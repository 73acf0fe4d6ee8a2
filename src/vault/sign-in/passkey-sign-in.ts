// Authentication by passkey: to sign in, and to step up before important actions.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { type Passkey, stepUpUntil } from '../../model/sign-in.ts';
import type { Passkeys } from '../../ports/passkeys.ts';
import { authorityKey } from '../core/authority/authority-key.ts';
import { changeWithMac } from '../core/authority/authority-rows.ts';
import { refuseForged } from '../core/authority/credential-rows.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event } from '../core/events/events.ts';
import { withOrigin } from '../core/personal/origin.ts';
import { requireOwnPasskey } from '../core/proofs/own-assertion.ts';
import { countRefusedSignIn } from '../core/proofs/refused-sign-in.ts';
import { requirePasskeys } from '../core/proofs/require-passkeys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { beginSignIn, type NewSignIn } from './begin.ts';
import {
  type IssuedChallenge,
  issueChallenge,
  redeemChallenge,
  type VerifiedChallenge,
  verifyChallenge,
} from './challenges.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

function passkeyRefused(): VaultError {
  return new VaultError('sign_in_refused', 'this passkey cannot sign in here');
}

/** Issues the challenge to sign in, bound to the browser's cookie: any passkey for this address may answer it. */
export async function beginPasskeySignIn(
  vault: Deps,
  browser: string,
  request: RequestContext,
): Promise<IssuedChallenge> {
  const passkeys = requirePasskeys(vault);
  return issueChallenge(vault, 'sign-in', browser, (value) => passkeys.authenticationOptions([], value), request);
}

/** Signs in by the answer. Throws `sign_in_refused`, the same for an unknown, removed, copied and wrong passkey. */
export async function signInByPasskey(
  vault: Deps,
  browser: string,
  challenge: string,
  answer: unknown,
  request: RequestContext,
): Promise<NewSignIn> {
  const passkeys = requirePasskeys(vault);
  // Verified before the passkey is looked up: a browser without a challenge does not learn whether a passkey is known.
  const opened = await verifyChallenge(vault, 'sign-in', browser, challenge, request);
  const credential = passkeys.claimedCredential(answer);
  const found = await vault.db.read((rows) => rows.signIns.byCredential(credential ?? ''), request);
  // An unknown passkey writes nothing: anyone can make one.
  if (found === null) throw passkeyRefused();
  const rowKey = await keyOfPasskey(vault, found, request);
  await verifyAssertion(vault, passkeys, found, answer, opened, request);
  return newSignIn(vault, found, rowKey, request);
}

async function newSignIn(
  vault: Deps,
  found: Passkey,
  rowKey: SecretKey | null,
  request: RequestContext,
): Promise<NewSignIn> {
  const work = vault.db.change(async (tx) => {
    // Locked first: a concurrent removal of the passkey or sign-out comes before this, or sees it.
    const person = await tx.principals.lock(found.tenant, found.principal);
    const passkey = await tx.signIns.byCredential(found.credential);
    if (passkey?.id !== found.id) throw passkeyRefused();
    return beginSignIn(tx, person, 'passkey', { passkey: found.id }, rowKey, request);
  }, request);
  // The person's row may be forged where the passkey's is authentic.
  await refuseForged(vault, () => work, passkeyRefused, request);
  return (await work).result;
}

/** Issues the challenge to step up with one of the caller's passkeys. Throws `conflict` where they have none. */
export async function beginStepUp(vault: Deps, by: Caller, request: RequestContext): Promise<IssuedChallenge> {
  const { signIn } = by;
  if (signIn === undefined) throw new VaultError('conflict', 'an API key cannot step up');
  const own = await vault.db.read((rows) => rows.signIns.passkeys(by.tenant, by.principal), request);
  if (own.length === 0)
    throw new VaultError('conflict', 'you have no passkey: add one, or open a new link from your operator');
  const ask = (value: string) => requirePasskeys(vault).authenticationOptions(own.map(toCredential), value);
  return issueChallenge(vault, 'step-up', signIn.id, ask, request);
}

/** Steps up by the answer; returns until when it counts. Throws `sign_in_refused`. */
export async function stepUp(
  vault: Deps,
  by: Caller,
  challenge: string,
  answer: unknown,
  request: RequestContext,
): Promise<{ readonly authTime: string; readonly until: string }> {
  const passkeys = requirePasskeys(vault);
  const signIn = by.signIn?.id ?? '';
  const opened = await verifyChallenge(vault, 'step-up', signIn, challenge, request);
  const claimed = passkeys.claimedCredential(answer);
  const found = await vault.db.read((rows) => rows.signIns.byCredential(claimed ?? ''), request);
  if (found === null || found.tenant !== by.tenant || found.principal !== by.principal) throw passkeyRefused();
  const rowKey = await keyOfPasskey(vault, found, request);
  await verifyAssertion(vault, passkeys, found, answer, opened, request);
  const { result } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, rowKey);
    const [row, passkey] = [await tx.signIns.signIn(signIn), await tx.signIns.byCredential(found.credential)];
    if (row?.state !== 'LIVE' || passkey?.id !== found.id) throw passkeyRefused();
    const authTime = await tx.now();
    const shown = changeWithMac(rowKey, 'sign_in', row, { authTime, authMethod: 'passkey' });
    if (!(await tx.signIns.changeSignIn(row, shown))) throw passkeyRefused();
    const object = { id: signIn, passkey: found.id };
    const made = event(by.tenant, actorOf(by), 'sign_in.stepped_up', object, request);
    return { result: authTime, events: [withOrigin(made, rowKey, request)] };
  }, request);
  return { authTime: result, until: stepUpUntil(result) };
}

/**
 * The key that authenticates the tenant's rows, once it has verified the passkey's row. Throws `sign_in_refused` for a
 * forged one.
 */
async function keyOfPasskey(vault: Deps, passkey: Passkey, request: RequestContext): Promise<SecretKey | null> {
  const rowKey = await authorityKey(vault, passkey.tenant, request);
  await requireOwnPasskey(vault, rowKey, passkey, passkeyRefused, request);
  return rowKey;
}

/** Throws `sign_in_refused` unless the answer proves this passkey, and counts the denial in the log. */
async function verifyAssertion(
  vault: Deps,
  passkeys: Passkeys,
  found: Passkey,
  answer: unknown,
  challenge: VerifiedChallenge,
  request: RequestContext,
): Promise<void> {
  const { tenant, id } = found;
  const counter = await passkeys.verifyAuthentication(answer, challenge.value, toCredential(found));
  // An answer redeems the challenge: do not use it up while the log cannot grow.
  if (counter !== null) await vault.db.proveLog(tenant, request);
  const used =
    counter !== null &&
    (await redeemChallenge(vault, challenge, (notes, now) => notes.signIns.used(tenant, id, counter, now), request));
  if (used) return;
  await countRefusedSignIn(vault, 'passkey', found, request);
  throw passkeyRefused();
}

/** The port's credential of a passkey's row. */
export function toCredential({ credential, publicKey, counter, transports }: Passkey) {
  return { id: credential, publicKey, counter, transports };
}
