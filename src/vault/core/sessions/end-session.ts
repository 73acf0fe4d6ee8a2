// The end of a listening session, by its holder or in the transaction of another change.
import { hasCode, VaultError } from '../../../errors.ts';
import { type Session, type SessionEndReason, sessionSource } from '../../../model/access.ts';
import type { Actor, NewEvent, Receipt } from '../../../model/audit-event.ts';
import type { Caller } from '../../../model/principal.ts';
import { totalLength } from '../../../model/served-ranges.ts';
import type { Transaction } from '../../../ports/database.ts';
import { actorOf, event } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Ends a session in a transaction and returns its summary event; null where the session ended before. */
export async function endSession(
  tx: Transaction,
  actor: Actor,
  session: Session,
  reason: SessionEndReason,
  request: Pick<RequestContext, 'req'>,
): Promise<NewEvent | null> {
  // Locked, so that the summary covers every served range.
  const live = await tx.sessions.lock(session.tenant, session.id);
  if (live?.state !== 'LIVE') return null;
  const ended = await tx.now();
  if (!(await tx.sessions.change(live, { state: 'ENDED', ended, reason, mac: null }))) return null;
  const { id, recording, ranges, bytes, heard, unwraps } = live;
  // A session of a wrong time may end before it began.
  const seconds = Math.max(0, Math.round((Date.parse(ended) - Date.parse(session.opened)) / 1000));
  // Left out where ranges were served and none of them could be measured.
  const measured = heard !== null || ranges === 0;
  const summary = { ranges, bytes, ...(measured ? { heard_ms: totalLength(heard ?? []) } : {}), seconds };
  const counted = unwraps === null ? {} : { unwraps };
  const object = { id, ...sessionSource(live), recording, reason, ...summary, ...counted };
  return event(session.tenant, actor, 'session.ended', object, request);
}

/** Ends one session in a separate transaction. False where a concurrent update ended it. */
export async function tryEnd(
  vault: Pick<Vault, 'db'>,
  work: (tx: Transaction) => Promise<NewEvent | NewEvent[] | null>,
  request: RequestContext,
): Promise<boolean> {
  try {
    await vault.db.change(async (tx) => {
      const made = await work(tx);
      const events = made === null ? [] : [made].flat();
      if (events.length === 0) throw new VaultError('conflict', 'a concurrent update ended this first');
      return { result: undefined, events };
    }, request);
    return true;
  } catch (error) {
    if (hasCode(error, 'conflict')) return false;
    throw error;
  }
}

/** Closes the caller's own session. Throws `not_found`, or `session_ended` where the session ended before. */
export async function closeSession(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { receipts } = await vault.db.change(async (tx) => {
    const session = await tx.sessions.find(by.tenant, id);
    if (session === null || session.principal !== by.principal)
      throw new VaultError('not_found', 'there is no such session');
    const made = session.state === 'LIVE' ? await endSession(tx, actorOf(by), session, 'closed', request) : null;
    if (made === null) throw new VaultError('session_ended', 'the session has ended');
    return { result: undefined, events: [made] };
  }, request);
  vault.sessionKeys.end(id);
  return receipts[0];
}
