// The end of sign-in sessions and of the listening sessions opened with them, in the transaction of another change.
import type { Actor, NewEvent } from '../../../model/audit-event.ts';
import type { SignIn, SignInEndReason } from '../../../model/sign-in.ts';
import type { Transaction } from '../../../ports/database.ts';
import { DEPLOYMENT, event } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { endSession } from './end-session.ts';

/** The number of sign-ins that ended, the events, and the listening sessions first keys must be dropped. */
export type EndedSignIns = { readonly ended: number; readonly events: NewEvent[]; readonly sessions: string[] };

/**
 * Ends these sign-in sessions of one person in a transaction, with the listening sessions that their browsers opened.
 */
export async function endSignIns(
  tx: Transaction,
  actor: Actor,
  signIns: readonly SignIn[],
  reason: SignInEndReason,
  request: Pick<RequestContext, 'req'>,
): Promise<EndedSignIns> {
  const events: NewEvent[] = [];
  const sessions: string[] = [];
  let ended = 0;
  const [first] = signIns;
  if (first === undefined) return { ended, events, sessions };
  // The person is locked: a listening session that one of these browsers opens concurrently is seen here, or does not
  // open.
  await tx.principals.lock(first.tenant, first.principal);
  // The deployment's people have no listening sessions.
  const ids = first.tenant === DEPLOYMENT ? [] : signIns.map(({ id }) => id);
  const listened = await tx.sessions.liveBy(first.tenant, ids);
  for (const { tenant, id, principal } of signIns) {
    // Read again: a concurrent step-up has written another version.
    const signIn = await tx.signIns.lockSignIn(tenant, id);
    if (signIn?.state !== 'LIVE') continue;
    if (!(await tx.signIns.changeSignIn(signIn, { state: 'ENDED', ended: await tx.now(), reason, mac: null })))
      continue;
    ended += 1;
    events.push(event(tenant, actor, 'sign_in.ended', { id, principal, reason }, request));
    for (const session of listened.filter((one) => one.signIn === id)) {
      const made = await endSession(tx, actor, session, 'signed-out', request);
      if (made === null) continue;
      events.push(made);
      sessions.push(session.id);
    }
  }
  return { ended, events, sessions };
}
