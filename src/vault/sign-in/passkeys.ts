// A person's passkeys: only the person adds and removes them, right after proving who they are.
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { addMilliseconds, FIRST_PASSKEY_MS, type Passkey, STEP_UP_MS } from '../../model/sign-in.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { requireLiveCaller, requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, DEPLOYMENT, event } from '../core/events/events.ts';
import { nameKey, openName, sealText } from '../core/personal/names.ts';
import { requirePasskeys } from '../core/proofs/require-passkeys.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type IssuedChallenge, issueChallenge, requireRedeemed, verifyChallenge } from './challenges.ts';
import { toCredential } from './passkey-sign-in.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'sessionKeys' | 'passkeys' | 'challengeKey'>;

const MOST = 10;

/** Issues the challenge to register a passkey. Throws `step_up_required`, `conflict` with ten passkeys. */
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
  requireFresh(by, now, own.length === 0);
  requireRoom(own);
  const owner = { id: person.id, name: openName(key, person) };
  const ask = (value: string) => requirePasskeys(vault).registrationOptions(owner, own.map(toCredential), value);
  return issueChallenge(vault, 'add', signIn, ask, request);
}

/** Adds the passkey of the answer. Throws `sign_in_refused`, `conflict` for a known passkey, `step_up_required`. */
export async function addPasskey(
  vault: Deps,
  by: Caller,
  what: { readonly challenge: string; readonly answer: unknown; readonly label: string },
  request: RequestContext,
): Promise<{ readonly id: string; readonly created: string; readonly receipt: Receipt | undefined }> {
  const passkeys = requirePasskeys(vault);
  const signIn = requireSignIn(by);
  const challenge = await verifyChallenge(vault, 'add', signIn, what.challenge, request);
  const added = await passkeys.verifyRegistration(what.answer, challenge.value);
  const spki = added === null ? null : await passkeys.keyOf(added.publicKey);
  if (added === null || spki === null)
    throw new VaultError('sign_in_refused', 'the answer has no passkey for this challenge');
  // An answer redeems the challenge: do not use it up while the log cannot grow.
  await vault.db.proveLog(by.tenant, request);
  await requireRedeemed(vault, challenge, request);
  const key = await nameKey(vault, by.tenant, request);
  const id = newId('pky');
  const { tenant, principal } = by;
  const { result, receipts } = await vault.db.change(async (tx) => {
    // The person is locked: no link is created and no other passkey added concurrently.
    await requireLiveCaller(tx, by, key);
    if (tenant !== DEPLOYMENT) await lockActiveTenant(tx, tenant);
    const created = await tx.now();
    const own = await tx.signIns.passkeys(tenant, principal);
    requireFresh(by, created, own.length === 0);
    requireRoom(own);
    if ((await tx.signIns.byCredential(added.id)) !== null)
      throw new VaultError('conflict', 'this passkey is already registered');
    await tx.signIns.insertPasskey(
      withMac(key, 'passkey', {
        tenant,
        id,
        principal,
        credential: added.id,
        publicKey: added.publicKey,
        counter: added.counter,
        transports: added.transports,
        label: sealText(key, { tenant, row: id, column: 'label' }, what.label),
        state: 'ACTIVE',
        version: 1,
        created,
        lastUsed: null,
      }),
    );
    // The log shows the key of a first passkey, which rests on a sign-in by link. A further key would need a proof by an
    // earlier passkey: the log names the sign-in only, and the first proof by the passkey shows its key.
    const first = own.length === 0 && by.signIn?.authMethod === 'link';
    const shown = first ? { key: Buffer.from(spki).toString('base64') } : {};
    const object = { id, principal, ...shown, sign_in: signIn };
    return { result: created, events: [event(tenant, actorOf(by), 'passkey.added', object, request)] };
  }, request);
  return { id, created: result, receipt: receipts[0] };
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
    requireFresh(by, await tx.now(), false);
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

function requireSignIn({ signIn }: Caller): string {
  if (signIn === undefined) throw new VaultError('forbidden', 'only a signed-in person can add passkeys');
  return signIn.id;
}

/**
 * Requires a recent authentication, so that an unattended browser cannot register a passkey. `first`: the person has no
 * passkey yet.
 */
function requireFresh({ signIn }: Caller, now: string, first: boolean): void {
  const counts = first ? FIRST_PASSKEY_MS : STEP_UP_MS;
  if (signIn !== undefined && now < addMilliseconds(signIn.authTime, counts)) return;
  throw new VaultError('step_up_required', 'sign in again to confirm that it is you: with a passkey, or a new link');
}

function requireRoom(own: readonly Passkey[]): void {
  if (own.length >= MOST) throw new VaultError('conflict', `a person has at most ${MOST} passkeys`);
}
