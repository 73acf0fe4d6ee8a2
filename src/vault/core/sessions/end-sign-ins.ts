// Ending sign-in sessions in the transaction of whatever ends them, with the listening sessions that they opened.
import type { Actor, NewEvent } from '../../../model/audit-event.ts';
import type { SignIn, SignInEndReason } from '../../../model/sign-in.ts';
import type { Transaction } from '../../../ports/database.ts';
import { DEPLOYMENT, event } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { endSession } from './end-session.ts';

/** What ended: how many sign-ins, the events, and the listening sessions whose keys are to be dropped. */
export type EndedSignIns = { readonly ended: number; readonly events: NewEvent[]; readonly sessions: string[] };

/** Ends these sessions of one person in a transaction, with the listening sessions that their browsers opened. */
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
