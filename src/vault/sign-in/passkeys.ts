// A person's passkeys: added and removed by the person alone, right after showing that it is them.
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { FIRST_PASSKEY_MS, FRESH_MS, later, type Passkey } from '../../model/sign-in.ts';
import { sealRow } from '../core/authority/authority-rows.ts';
import { requireLive, requireLiveUnchecked } from '../core/authority/live-credential.ts';
import { actorOf, DEPLOYMENT, event } from '../core/events/events.ts';
import { nameOf, namesKey, sealText } from '../core/personal/names.ts';
import type { Request } from '../core/request-context.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import { holdActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { answerOnce, type Challenged, issueChallenge, openChallenge, passkeysIn } from './challenges.ts';
import { credentialOf } from './passkey-sign-in.ts';

type Parts = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'sessionKeys' | 'passkeys' | 'challengeKey'>;

const MOST = 10;

/** What the caller's browser is asked to make. Throws `step_up_required`, `conflict` with ten passkeys. */
export async function askToAddPasskey(vault: Parts, by: Caller, request: Request): Promise<Challenged> {
  const signIn = requireSignIn(by);
  const key = await namesKey(vault, by.tenant, request);
  const { own, person, now } = await vault.db.read(
    async (rows) => ({
      own: await rows.signIns.passkeys(by.tenant, by.principal),
      person: await rows.principals.find(by.tenant, by.principal),
      now: await rows.now(),
    }),
    request,
  );
  if (person === null) throw new VaultError('unauthenticated', 'the sign-in is over');
  requireFresh(by, now, own.length === 0);
  requireRoom(own);
  const owner = { id: person.id, name: nameOf(key, person) };
  const ask = (value: string) => passkeysIn(vault).askToAdd(owner, own.map(credentialOf), value);
  return issueChallenge(vault, 'add', signIn, ask, request);
}

/** Adds the passkey of the answer. Throws `sign_in_refused`, `conflict` for one that is known, `step_up_required`. */
export async function addPasskey(
  vault: Parts,
  by: Caller,
  what: { readonly challenge: string; readonly answer: unknown; readonly label: string },
  request: Request,
): Promise<{ readonly id: string; readonly created: string; readonly receipt: Receipt | undefined }> {
  const passkeys = passkeysIn(vault);
  const signIn = requireSignIn(by);
  const challenge = await openChallenge(vault, 'add', signIn, what.challenge, request);
  const added = await passkeys.added(what.answer, challenge.value);
  if (added === null) throw new VaultError('sign_in_refused', 'the answer is no passkey for this challenge');
  // A challenge is answered once: not for what could not be logged then.
  await vault.db.proveLog(by.tenant, request);
  await answerOnce(vault, challenge, request);
  const key = await namesKey(vault, by.tenant, request);
  const id = newId('pky');
  const { tenant, principal } = by;
  const { result, receipts } = await vault.db.change(async (tx) => {
    // The person is held: a link is not made, and no other passkey added, beside this one.
    await requireLive(tx, by, key);
    if (tenant !== DEPLOYMENT) await holdActive(tx, tenant);
    const created = await tx.now();
    const own = await tx.signIns.passkeys(tenant, principal);
    requireFresh(by, created, own.length === 0);
    requireRoom(own);
    if ((await tx.signIns.byCredential(added.id)) !== null)
      throw new VaultError('conflict', 'this passkey is known already');
    await tx.signIns.insertPasskey(
      sealRow(key, 'passkey', {
        tenant,
        id,
        principal,
        credential: added.id,
        publicKey: added.publicKey,
        counter: added.counter,
        transports: added.transports.join(','),
        label: sealText(key, { tenant, row: id, column: 'label' }, what.label),
        state: 'ACTIVE',
        version: 1,
        created,
        lastUsed: null,
      }),
    );
    const object = { type: 'passkey', id, principal };
    return { result: created, events: [event(tenant, actorOf(by), 'passkey.added', object, request)] };
  }, request);
  return { id, created: result, receipt: receipts[0] };
}

/** Removes an own passkey, and signs the person out everywhere else. Throws `not_found`, `step_up_required`. */
export async function removePasskey(
  vault: Parts,
  by: Caller,
  id: string,
  request: Request,
): Promise<Receipt | undefined> {
  const { tenant, principal } = by;
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveUnchecked(tx, by);
    const passkey = await tx.signIns.passkey(tenant, id);
    if (passkey?.principal !== principal || passkey.state !== 'ACTIVE')
      throw new VaultError('not_found', 'there is no such passkey');
    requireFresh(by, await tx.now(), false);
    if (!(await tx.signIns.changePasskey(passkey, { state: 'REMOVED', mac: null })))
      throw new VaultError('conflict', 'the passkey is removed already');
    const object = { type: 'passkey', id, principal };
    // Whoever came in by it goes with it.
    const others = (await tx.signIns.liveOf(tenant, principal)).filter((one) => one.id !== by.signIn?.id);
    const { events, sessions } = await endSignIns(tx, actorOf(by), others, 'replaced', request);
    const removed = event(tenant, actorOf(by), 'passkey.removed', object, request);
    return { result: sessions, events: [removed, ...events] };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

function requireSignIn({ signIn }: Caller): string {
  if (signIn === undefined) throw new VaultError('forbidden', 'passkeys are added by a person who is signed in');
  return signIn.id;
}

/** A browser that was left open must not give itself a way in. `first`: there is no passkey to show yet. */
function requireFresh({ signIn }: Caller, now: string, first: boolean): void {
  const counts = first ? FIRST_PASSKEY_MS : FRESH_MS;
  if (signIn !== undefined && now < later(signIn.authTime, counts)) return;
  throw new VaultError('step_up_required', 'show again that it is you: by a passkey, or a new link');
}

function requireRoom(own: readonly Passkey[]): void {
  if (own.length >= MOST) throw new VaultError('conflict', `a person has at most ${MOST} passkeys`);
}
