// Proving a person by passkey: to sign in, and again before what matters.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { freshUntil, type Passkey } from '../../model/sign-in.ts';
import type { Passkeys } from '../../ports/passkeys.ts';
import { authorityKey } from '../core/authority/authority-key.ts';
import { requireAuthentic, sealChange } from '../core/authority/authority-rows.ts';
import { refusingForged } from '../core/authority/forged-rows.ts';
import { requireLive } from '../core/authority/live-credential.ts';
import { actorOf, event } from '../core/events/events.ts';
import { withOrigin } from '../core/personal/origin.ts';
import type { Request } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type Begun, beginSignIn } from './begin.ts';
import {
  answerChallenge,
  type Challenged,
  issueChallenge,
  type OpenChallenge,
  openChallenge,
  passkeysIn,
} from './challenges.ts';
import { countRefused } from './refused-sign-in.ts';

type Parts = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

function refused(): VaultError {
  return new VaultError('sign_in_refused', 'the passkey does not sign anybody in here');
}

/** What the browser of this cookie is asked to sign in with: any passkey it has for this address. */
export async function askToSignIn(vault: Parts, browser: string, request: Request): Promise<Challenged> {
  const passkeys = passkeysIn(vault);
  return issueChallenge(vault, 'sign-in', browser, (value) => passkeys.askFor([], value), request);
}

/** Signs in by the answer. Throws `sign_in_refused`, the same for an unknown, removed, copied and wrong passkey. */
export async function signInByPasskey(
  vault: Parts,
  browser: string,
  challenge: string,
  answer: unknown,
  request: Request,
): Promise<Begun> {
  const passkeys = passkeysIn(vault);
  // Before the passkey is looked up: a browser without a challenge does not learn whether it is known.
  const opened = await openChallenge(vault, 'sign-in', browser, challenge, request);
  const credential = passkeys.claimed(answer);
  const found = await vault.db.read((rows) => rows.signIns.byCredential(credential ?? ''), request);
  // An unknown passkey writes nothing: anybody can make one.
  if (found === null) throw refused();
  const rowKey = await keyOfPasskey(vault, found, request);
  await proveUse(vault, passkeys, found, answer, opened, request);
  const { result } = await vault.db.change(async (tx) => {
    // Held first: whoever removes the passkey or signs the person out comes before this, or sees it.
    const person = await tx.principals.lock(found.tenant, found.principal);
    const passkey = await tx.signIns.byCredential(found.credential);
    if (passkey?.id !== found.id) throw refused();
    const { begun, event: opened } = await beginSignIn(tx, person, 'passkey', { passkey: found.id }, rowKey, request);
    return { result: begun, events: [opened] };
  }, request);
  return result;
}

/** What the caller's browser is asked to step up with: a passkey of their own. Throws `conflict` where they have none. */
export async function askToStepUp(vault: Parts, by: Caller, request: Request): Promise<Challenged> {
  const { signIn } = by;
  if (signIn === undefined) throw new VaultError('conflict', 'an API key has nothing to step up');
  const own = await vault.db.read((rows) => rows.signIns.passkeys(by.tenant, by.principal), request);
  if (own.length === 0)
    throw new VaultError('conflict', 'you have no passkey: add one, or open a new link from your operator');
  const ask = (value: string) => passkeysIn(vault).askFor(own.map(credentialOf), value);
  return issueChallenge(vault, 'step-up', signIn.id, ask, request);
}

/** Steps up by the answer: until when it counts. Throws `sign_in_refused`. */
export async function stepUp(
  vault: Parts,
  by: Caller,
  challenge: string,
  answer: unknown,
  request: Request,
): Promise<{ readonly authTime: string; readonly until: string }> {
  const passkeys = passkeysIn(vault);
  const signIn = by.signIn?.id ?? '';
  const opened = await openChallenge(vault, 'step-up', signIn, challenge, request);
  const claimed = passkeys.claimed(answer);
  const found = await vault.db.read((rows) => rows.signIns.byCredential(claimed ?? ''), request);
  if (found === null || found.tenant !== by.tenant || found.principal !== by.principal) throw refused();
  const rowKey = await keyOfPasskey(vault, found, request);
  await proveUse(vault, passkeys, found, answer, opened, request);
  const { result } = await vault.db.change(async (tx) => {
    await requireLive(tx, by, rowKey);
    const [row, passkey] = [await tx.signIns.signIn(signIn), await tx.signIns.byCredential(found.credential)];
    if (row?.state !== 'LIVE' || passkey?.id !== found.id) throw refused();
    const authTime = await tx.now();
    const shown = sealChange(rowKey, 'sign_in', row, { authTime, authMethod: 'passkey' });
    if (!(await tx.signIns.changeSignIn(row, shown))) throw refused();
    const object = { type: 'sign_in', id: signIn, passkey: found.id };
    const made = event(by.tenant, actorOf(by), 'sign_in.stepped_up', object, request);
    return { result: authTime, events: [withOrigin(made, rowKey, request)] };
  }, request);
  return { authTime: result, until: freshUntil(result) };
}

/** The key of the passkey's tenant, once the passkey's row is checked. Throws `sign_in_refused` for a forged one. */
async function keyOfPasskey(vault: Parts, passkey: Passkey, request: Request): Promise<SecretKey | null> {
  const rowKey = await authorityKey(vault, passkey.tenant, request);
  await refusingForged(vault, () => requireAuthentic(rowKey, 'passkey', passkey), refused(), request);
  return rowKey;
}

/** Throws `sign_in_refused` unless the answer proves this passkey, and leaves a refusal in the log. */
async function proveUse(
  vault: Parts,
  passkeys: Passkeys,
  found: Passkey,
  answer: unknown,
  challenge: OpenChallenge,
  request: Request,
): Promise<void> {
  const { tenant, id } = found;
  const counter = await passkeys.proven(answer, challenge.value, credentialOf(found));
  // A challenge is answered once: not for what could not be logged then.
  if (counter !== null) await vault.db.proveLog(tenant, request);
  const used =
    counter !== null &&
    (await answerChallenge(vault, challenge, (notes, now) => notes.signIns.used(tenant, id, counter, now), request));
  if (used) return;
  await countRefused(vault, 'passkey', found, request);
  throw refused();
}

/** A passkey's row as the port speaks of it. */
export function credentialOf({ credential, publicKey, counter, transports }: Passkey) {
  return { id: credential, publicKey, counter, transports: transports === '' ? [] : transports.split(',') };
}
