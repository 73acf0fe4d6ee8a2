// Signing out: this browser, every browser of the caller, or a session that another sign-in replaced.
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { SignIn } from '../../model/sign-in.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import type { Vault } from '../core/vault.ts';

type Parts = Pick<Vault, 'db' | 'sessionKeys'>;

/** The result of signing out. */
export type SignedOut = { readonly ended: number; readonly receipt: Receipt | undefined };

/** Signs the caller's browser out. Throws `unauthenticated` without a sign-in session, or where it has ended. */
export function signOut(vault: Parts, by: Caller, request: RequestContext): Promise<SignedOut> {
  return endOwn(vault, by, ({ id }) => id === by.signIn?.id, request);
}

/** Signs every browser of the caller out. Throws as `signOut`. */
export function signOutEverywhere(vault: Parts, by: Caller, request: RequestContext): Promise<SignedOut> {
  return endOwn(vault, by, () => true, request);
}

async function endOwn(
  vault: Parts,
  by: Caller,
  isMeant: (one: SignIn) => boolean,
  request: RequestContext,
): Promise<SignedOut> {
  if (by.signIn === undefined) throw new VaultError('unauthenticated', 'there is no sign-in session to end');
  const { result, receipts } = await vault.db.change(async (tx) => {
    // The person is locked: a concurrent sign-in is seen here, or begins afterwards.
    await tx.principals.lock(by.tenant, by.principal);
    const live = (await tx.signIns.liveOf(by.tenant, by.principal)).filter(isMeant);
    const { ended, events, sessions } = await endSignIns(tx, actorOf(by), live, 'signed-out', request);
    if (events.length === 0) throw new VaultError('unauthenticated', 'the sign-in session has ended');
    return { result: { ended, sessions }, events };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  return { ended: result.ended, receipt: receipts[0] };
}

/** Ends the previous sign-in of a browser after a new one replaced it in its cookie. */
export async function endReplaced(vault: Parts, old: Caller, now: SignIn, request: RequestContext): Promise<void> {
  const id = old.signIn?.id;
  if (id === undefined || id === now.id) return;
  const { result } = await vault.db.change(async (tx) => {
    const signIn = await tx.signIns.signIn(id);
    const found = signIn === null ? [] : [signIn];
    const { events, sessions } = await endSignIns(tx, actorOf(old), found, 'replaced', request);
    if (events.length === 0) throw new VaultError('conflict', 'the sign-in session has already ended');
    return { result: sessions, events };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
}
