// Proving a person by passkey: to sign in, and again before what matters.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { freshUntil, type Passkey } from '../../model/sign-in.ts';
import type { Passkeys } from '../../ports/passkeys.ts';
import { requireAuthenticRows } from '../authority/credential-rows.ts';
import { authorityKey } from '../authority/key.ts';
import { sealChange } from '../authority/rows.ts';
import { actorOf, DEPLOYMENT, event } from '../log/events.ts';
import { requireLive } from '../people/credential.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { type Begun, beginSignIn } from './begin.ts';
import { type Challenged, keepChallenge, passkeysIn, takeChallenge } from './challenges.ts';
import { countRefused } from './refused.ts';

type Parts = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys'>;

function refused(): VaultError {
  return new VaultError('sign_in_refused', 'the passkey does not sign anybody in here');
}

/** What a browser is asked to sign in with: any passkey it has for this address. */
export async function askToSignIn(vault: Parts, request: Request): Promise<Challenged> {
  return keepChallenge(vault, 'sign-in', '', await passkeysIn(vault).askFor([]), request);
}

/** Signs in by the answer. Throws `sign_in_refused`, the same for an unknown, removed, copied and wrong passkey. */
export async function signInByPasskey(
  vault: Parts,
  challenge: string,
  answer: unknown,
  request: Request,
): Promise<Begun> {
  const passkeys = passkeysIn(vault);
  const credential = passkeys.claimed(answer);
  const found = await vault.db.read((rows) => rows.signIns.byCredential(credential ?? ''), request);
  await vault.db.proveLog(found?.tenant ?? DEPLOYMENT, request);
  // Before the passkey is spoken of: whoever has no challenge is not told whether it is known.
  const value = await takeChallenge(vault, 'sign-in', '', challenge, request);
  if (found === null) throw refused();
  await requireAuthenticRows(vault, found.tenant, { passkey: found }, refused(), request);
  await proveUse(vault, passkeys, found, answer, value, request);
  const rowKey = await authorityKey(vault, found.tenant, request);
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
  return keepChallenge(vault, 'step-up', signIn.id, await passkeysIn(vault).askFor(own.map(credentialOf)), request);
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
  // A challenge is taken once: not for what could not be logged then.
  await vault.db.proveLog(by.tenant, request);
  const value = await takeChallenge(vault, 'step-up', signIn, challenge, request);
  const claimed = passkeys.claimed(answer);
  const found = await vault.db.read((rows) => rows.signIns.byCredential(claimed ?? ''), request);
  if (found === null || found.tenant !== by.tenant || found.principal !== by.principal) throw refused();
  await requireAuthenticRows(vault, by.tenant, { passkey: found }, refused(), request);
  await proveUse(vault, passkeys, found, answer, value, request);
  const rowKey = await authorityKey(vault, by.tenant, request);
  const { result } = await vault.db.change(async (tx) => {
    await requireLive(tx, by, rowKey);
    const [row, passkey] = [await tx.signIns.signIn(signIn), await tx.signIns.byCredential(found.credential)];
    if (row?.state !== 'LIVE' || passkey?.id !== found.id) throw refused();
    const authTime = await tx.now();
    const shown = sealChange(rowKey, 'sign_in', row, { authTime, authMethod: 'passkey' });
    if (!(await tx.signIns.changeSignIn(row, shown))) throw refused();
    const object = { type: 'sign_in', id: signIn, passkey: found.id };
    return { result: authTime, events: [event(by.tenant, actorOf(by), 'sign_in.stepped_up', object, request)] };
  }, request);
  return { authTime: result, until: freshUntil(result) };
}

/** Throws `sign_in_refused` unless the answer proves this passkey, and leaves a refusal in the log. */
async function proveUse(
  vault: Parts,
  passkeys: Passkeys,
  found: Passkey,
  answer: unknown,
  challenge: string,
  request: Request,
): Promise<void> {
  const { tenant, id } = found;
  const counter = await passkeys.proven(answer, challenge, credentialOf(found));
  const now = await vault.db.read((rows) => rows.now(), request);
  const used =
    counter !== null && (await vault.db.note((notes) => notes.signIns.used(tenant, id, counter, now), request));
  if (used) return;
  await countRefused(vault, 'passkey', found, request);
  throw refused();
}

/** A passkey's row as the port speaks of it. */
export function credentialOf({ credential, publicKey, counter, transports }: Passkey) {
  return { id: credential, publicKey, counter, transports: transports === '' ? [] : transports.split(',') };
}
