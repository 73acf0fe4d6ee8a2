// Ending sign-in sessions: by the person, by time, or by whatever turns the person away. What they listen to ends too.
import { VaultError } from '../../../errors.ts';
import type { Actor, NewEvent, Receipt } from '../../../model/audit-event.ts';
import type { Caller } from '../../../model/principal.ts';
import type { SignIn, SignInEnd } from '../../../model/sign-in.ts';
import type { Transaction } from '../../../ports/database.ts';
import { actorOf, DEPLOYMENT, event } from '../events/events.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { endSession } from './end-listening.ts';

type Parts = Pick<Vault, 'db' | 'sessionKeys'>;

/** What ended: how many sign-ins, the events, and the listening sessions whose keys are to be dropped. */
export type EndedSignIns = { readonly ended: number; readonly events: NewEvent[]; readonly sessions: string[] };

/** Ends these sessions of one person in a transaction, with the listening sessions that their browsers opened. */
export async function endSignIns(
  tx: Transaction,
  actor: Actor,
  signIns: readonly SignIn[],
  reason: SignInEnd,
  request: Pick<Request, 'req'>,
): Promise<EndedSignIns> {
  const events: NewEvent[] = [];
  const sessions: string[] = [];
  let ended = 0;
  const [whose] = signIns;
  if (whose === undefined) return { ended, events, sessions };
  // The person is held: what one of these browsers begins to listen to beside this is seen, or does not begin.
  await tx.principals.lock(whose.tenant, whose.principal);
  // The deployment's people listen to nothing.
  const listened = whose.tenant === DEPLOYMENT ? [] : await tx.sessions.liveIn(whose.tenant);
  for (const { tenant, id, principal } of signIns) {
    // As it is by now: a step-up beside this one has made another version of it.
    const signIn = await tx.signIns.lockSignIn(tenant, id);
    if (signIn?.state !== 'LIVE') continue;
    if (!(await tx.signIns.changeSignIn(signIn, { state: 'ENDED', ended: await tx.now(), reason, mac: null })))
      continue;
    ended += 1;
    events.push(event(tenant, actor, 'sign_in.ended', { type: 'sign_in', id, principal, reason }, request));
    for (const session of listened.filter((one) => one.signIn === id)) {
      const made = await endSession(tx, actor, session, 'signed-out', request);
      if (made === null) continue;
      events.push(made);
      sessions.push(session.id);
    }
  }
  return { ended, events, sessions };
}

/** What signing out did. */
export type SignedOut = { readonly ended: number; readonly receipt: Receipt | undefined };

/** Signs the caller's browser out. Throws `unauthenticated` without a sign-in session, or where it is over. */
export function signOut(vault: Parts, by: Caller, request: Request): Promise<SignedOut> {
  return endOwn(vault, by, ({ id }) => id === by.signIn?.id, request);
}

/** Signs every browser of the caller out. Throws as `signOut`. */
export function signOutEverywhere(vault: Parts, by: Caller, request: Request): Promise<SignedOut> {
  return endOwn(vault, by, () => true, request);
}

async function endOwn(
  vault: Parts,
  by: Caller,
  isMeant: (one: SignIn) => boolean,
  request: Request,
): Promise<SignedOut> {
  if (by.signIn === undefined) throw new VaultError('unauthenticated', 'there is no sign-in session to end');
  const { result, receipts } = await vault.db.change(async (tx) => {
    // The person is held: a sign-in that begins beside this one is seen, or begins after it.
    await tx.principals.lock(by.tenant, by.principal);
    const live = (await tx.signIns.liveOf(by.tenant, by.principal)).filter(isMeant);
    const { ended, events, sessions } = await endSignIns(tx, actorOf(by), live, 'signed-out', request);
    if (events.length === 0) throw new VaultError('unauthenticated', 'the sign-in session is over');
    return { result: { ended, sessions }, events };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  return { ended: result.ended, receipt: receipts[0] };
}

/** Ends the sign-in that a browser had, and that another one has taken the place of in its cookie. */
export async function endReplaced(vault: Parts, old: Caller, now: SignIn, request: Request): Promise<void> {
  const id = old.signIn?.id;
  if (id === undefined || id === now.id) return;
  const { result } = await vault.db.change(async (tx) => {
    const signIn = await tx.signIns.signIn(id);
    const found = signIn === null ? [] : [signIn];
    const { events, sessions } = await endSignIns(tx, actorOf(old), found, 'replaced', request);
    if (events.length === 0) throw new VaultError('conflict', 'it is over already');
    return { result: sessions, events };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
}
