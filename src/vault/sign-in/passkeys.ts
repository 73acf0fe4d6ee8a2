// A person's passkeys: only the person adds and removes them, a further one with a proof by one that they already have.
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { check } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { addMilliseconds, FIRST_PASSKEY_MS, type Passkey, STEP_UP_MS } from '../../model/sign-in.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { requireLiveCaller, requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { digestOf, insertLogged } from '../core/authority/logged-rows.ts';
import { actorOf, DEPLOYMENT, event } from '../core/events/events.ts';
import { nameKey, openName, sealText } from '../core/personal/names.ts';
import { type GivenProof, proofEvent, redeemingProof, redeemProof } from '../core/proofs/given-proof.ts';
import { requirePasskeys } from '../core/proofs/require-passkeys.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type IssuedChallenge, issueChallenge, requireRedeemed } from './challenges.ts';
import { readRegistration, requireSignIn, verifyPasskeyProof } from './passkey-proof.ts';
import { toCredential } from './passkey-sign-in.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys' | 'passkeys' | 'challengeKey'>;

/**
 * The browser's answer to a registration and the label. Of a further passkey also the id that the proof was opened for,
 * and the proof by a passkey that the person already has.
 */
export type NewPasskey = {
  readonly challenge: string;
  readonly answer: unknown;
  readonly label: string;
  readonly confirmed?: { readonly id: string; readonly proof: GivenProof };
};

const MOST = 10;

/**
 * Issues the challenge to register a passkey. Throws `step_up_required` for a first one unless the person has just signed
 * in by link, `conflict` with ten passkeys.
 */
export async function beginPasskeyRegistration(
  vault: Deps,
  by: Caller,
  request: RequestContext,
): Promise<IssuedChallenge> {
  const signIn = requireSignIn(by);
  const key = await nameKey(vault, by.tenant, request);
  const { own, person, now } = await vault.db.read(
    async (rows) => ({
      own: await rows.signIns.passkeys(by.tenant, by.principal),
      person: await rows.principals.find(by.tenant, by.principal),
      now: await rows.now(),
    }),
    request,
  );
  if (person === null) throw new VaultError('unauthenticated', 'the sign-in has ended');
  if (own.length === 0) requireFreshLink(by, now);
  requireRoom(own);
  const owner = { id: person.id, name: openName(key, person) };
  const ask = (value: string) => requirePasskeys(vault).registrationOptions(owner, own.map(toCredential), value);
  return issueChallenge(vault, 'add', signIn, ask, request);
}

/**
 * Adds the passkey of the answer: a first one by a sign-in by link, a further one by a proof over its id and key. Throws
 * `sign_in_refused`, `conflict` for a known passkey, `step_up_required`, `access_refused` without a valid proof.
 */
export async function addPasskey(
  vault: Deps,
  by: Caller,
  { challenge, answer, label, confirmed }: NewPasskey,
  request: RequestContext,
): Promise<{ readonly id: string; readonly created: string; readonly receipt: Receipt | undefined }> {
  const signIn = requireSignIn(by);
  const { opened, added, spki } = await readRegistration(vault, by, { challenge, answer }, request);
  const key = await nameKey(vault, by.tenant, request);
  const id = confirmed?.id ?? newId('pky');
  const proof =
    confirmed === undefined ? null : await verifyPasskeyProof(vault, by, id, spki, confirmed.proof, key, request);
  // An answer redeems the challenge: do not use it up while the log cannot grow.
  await vault.db.proveLog(by.tenant, request);
  await requireRedeemed(vault, opened, request);
  const { tenant, principal } = by;
  const changing = vault.db.change(async (tx) => {
    // The person is locked: no link is created and no other passkey added concurrently.
    await requireLiveCaller(tx, by, key);
    if (tenant !== DEPLOYMENT) await lockActiveTenant(tx, tenant);
    const created = await tx.now();
    const own = await tx.signIns.passkeys(tenant, principal);
    if (proof !== null) await redeemProof(tx, proof, created);
    else if (own.length > 0) throw proofRequired();
    else requireFreshLink(by, created);
    requireRoom(own);
    if ((await tx.signIns.byCredential(added.id)) !== null)
      throw new VaultError('conflict', 'this passkey is already registered');
    const inserted = await insertLogged(
      tenant,
      (leafIndex) =>
        tx.signIns.insertPasskey(
          withMac(key, 'passkey', {
            tenant,
            id,
            principal,
            credential: added.id,
            publicKey: added.publicKey,
            counter: added.counter,
            transports: added.transports,
            label: sealText(key, { tenant, row: id, column: 'label' }, label),
            state: 'ACTIVE',
            version: 1,
            created,
            lastUsed: null,
            leafIndex,
          }),
        ),
      // After the proof.
      proof === null ? 0 : 1,
    );
    // The deployment has no MAC: its log says which key the row has.
    const digest = tenant === DEPLOYMENT ? { sha256: digestOf(added.publicKey) } : {};
    const proven = proof === null ? {} : { proof: proof.id };
    const object = { id, principal, key: spki, ...digest, sign_in: signIn, ...proven };
    const made = event(tenant, actorOf(by), 'passkey.added', object, request);
    const events = proof === null ? [made] : [proofEvent(by, proof, request), made];
    return { result: created, events, ...inserted };
  }, request);
  const { result, receipts } = await redeemingProof(vault, proof, changing, request);
  return { id, created: result, receipt: receipts.at(-1) };
}

/** Removes one of the caller's passkeys and ends their other sign-ins. Throws `not_found`, `step_up_required`. */
export async function removePasskey(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { tenant, principal } = by;
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCallerWithoutMac(tx, by);
    const passkey = await tx.signIns.passkey(tenant, id);
    if (passkey?.principal !== principal || passkey.state !== 'ACTIVE')
      throw new VaultError('not_found', 'there is no such passkey');
    requireFresh(by, await tx.now());
    if (!(await tx.signIns.changePasskey(passkey, { state: 'REMOVED', mac: null })))
      throw new VaultError('conflict', 'the passkey is removed already');
    const object = { id, principal };
    // Sign-ins by this passkey must end with it.
    const others = (await tx.signIns.liveOf(tenant, principal)).filter((one) => one.id !== by.signIn?.id);
    const { events, sessions } = await endSignIns(tx, actorOf(by), others, 'replaced', request);
    const removed = event(tenant, actorOf(by), 'passkey.removed', object, request);
    return { result: sessions, events: [removed, ...events] };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

/** Requires a recent authentication, so that an unattended browser cannot remove a passkey. */
function requireFresh({ signIn }: Caller, now: string): void {
  if (signIn !== undefined && now < addMilliseconds(signIn.authTime, STEP_UP_MS)) return;
  throw new VaultError('step_up_required', 'sign in again to confirm that it is you: with a passkey, or a new link');
}

/**
 * Requires a recent sign-in by link, which a first passkey rests on. A sign-in by passkey does not do: that passkey was
 * removed since.
 */
function requireFreshLink({ signIn }: Caller, now: string): void {
  const isByLink = signIn?.authMethod === 'link';
  if (isByLink && now < addMilliseconds(signIn.authTime, FIRST_PASSKEY_MS)) return;
  throw new VaultError('step_up_required', 'a first passkey needs a new sign-in link: ask your operator for one');
}

function proofRequired(): VaultError {
  const checks = [check('proof', false, 'proof_required')];
  return new VaultError('access_refused', 'confirm the new passkey with one that you already have', { checks });
}

function requireRoom(own: readonly Passkey[]): void {
  if (own.length >= MOST) throw new VaultError('conflict', `a person has at most ${MOST} passkeys`);
}
