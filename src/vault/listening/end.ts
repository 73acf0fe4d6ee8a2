// Ending what is live: a session by its holder, a grant by revoking it, and what time has run out for.
import { hasCode, VaultError } from '../../errors.ts';
import type { EndReason, Session } from '../../model/access.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { replyOf } from '../idempotency/reply.ts';
import { actorOf, event, systemActor } from '../log/events.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

type Parts = Pick<Vault, 'db' | 'sessionKeys' | 'settings'>;

/** Ends a session in a transaction and returns its summary event; null where it was over already. */
export async function endSession(
  tx: Transaction,
  actor: Actor,
  session: Session,
  reason: EndReason,
  request: Pick<Request, 'req'>,
): Promise<NewEvent | null> {
  const ended = await tx.now();
  if (!(await tx.sessions.change(session, { state: 'ENDED', ended, reason }))) return null;
  const { id, grant, recording, ranges, bytes } = session;
  const seconds = Math.round((Date.parse(ended) - Date.parse(session.opened)) / 1000);
  const object = { type: 'session', id, grant, recording, reason, ranges, bytes, seconds };
  return event(session.tenant, actor, 'session.ended', object, request);
}

/** Closes the caller's own session. Throws `not_found`, or `session_ended` where it is over. */
export async function closeSession(
  vault: Parts,
  by: Caller,
  id: string,
  request: Request,
): Promise<Receipt | undefined> {
  const { receipts } = await vault.db.change(async (tx) => {
    const session = await tx.sessions.find(by.tenant, id);
    if (session === null || session.principal !== by.principal)
      throw new VaultError('not_found', 'there is no such session');
    const made = session.state === 'LIVE' ? await endSession(tx, actorOf(by), session, 'closed', request) : null;
    if (made === null) throw new VaultError('session_ended', 'the session is over');
    return { result: undefined, events: [made] };
  }, request);
  vault.sessionKeys.end(id);
  return receipts[0];
}

/** Revokes a grant: its holder, who decides, or `privacy`. Live sessions end with it. Throws `not_found` or `conflict`. */
export async function revokeGrant(
  vault: Parts,
  by: Caller,
  id: string,
  request: Request,
): Promise<Receipt | undefined> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    const grant = await tx.access.grant(by.tenant, id);
    if (
      grant === null ||
      !(grant.person === by.principal || may(by, 'access.decide') || by.roles.includes('privacy'))
    ) {
      throw new VaultError('not_found', 'there is no such grant');
    }
    const live = grant.state === 'APPROVED' || grant.state === 'CONSUMED';
    if (!live || !(await tx.access.changeGrant(grant, { state: 'REVOKED' }))) {
      throw new VaultError('conflict', 'the grant is over already');
    }
    const object = { type: 'grant', id, recording: grant.recording, request: grant.request };
    const events = [event(by.tenant, actorOf(by), 'grant.revoked', object, request)];
    const sessions = await tx.sessions.liveOf(by.tenant, id);
    for (const session of sessions) {
      const ended = await endSession(tx, actorOf(by), session, 'revoked', request);
      if (ended !== null) events.push(ended);
    }
    return { result: sessions.map((session) => session.id), events, ...replyOf(request, 'done', id) };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

const BATCH = 100;

/** Ends what is over by time: sessions, grants, requests nobody decided. Returns how many. */
export async function expire(vault: Parts, request: Request): Promise<number> {
  const due = await vault.db.read(async (rows) => {
    const now = await rows.now();
    return {
      sessions: await rows.sessions.overdue(now, BATCH),
      grants: await rows.access.overdueGrants(now, BATCH),
      requests: await rows.access.overdueRequests(now, BATCH),
    };
  }, request);
  await dropOver(vault, request);
  const actor = systemActor(vault.settings);
  const each = async (work: (tx: Transaction) => Promise<NewEvent | null>): Promise<number> => {
    try {
      await vault.db.change(async (tx) => {
        const made = await work(tx);
        if (made === null) throw new VaultError('conflict', 'somebody else was first');
        return { result: undefined, events: [made] };
      }, request);
      return 1;
    } catch (error) {
      if (hasCode(error, 'conflict')) return 0;
      throw error;
    }
  };
  let ended = 0;
  for (const session of due.sessions) {
    vault.sessionKeys.end(session.id);
    ended += await each((tx) => endSession(tx, actor, session, 'expired', request));
  }
  for (const grant of due.grants) {
    ended += await each(async (tx) => {
      if (!(await tx.access.changeGrant(grant, { state: 'EXPIRED' }))) return null;
      return event(
        grant.tenant,
        actor,
        'grant.expired',
        { type: 'grant', id: grant.id, recording: grant.recording },
        request,
      );
    });
  }
  for (const asked of due.requests) {
    ended += await each(async (tx) => {
      if (!(await tx.access.changeRequest(asked, { state: 'EXPIRED' }))) return null;
      return event(
        asked.tenant,
        actor,
        'access.expired',
        { type: 'request', id: asked.id, recording: asked.recording },
        request,
      );
    });
  }
  return ended;
}

/** Overwrites keys here of sessions that ended elsewhere, or between a look at the row and the unwrap. */
async function dropOver(vault: Parts, request: Request): Promise<void> {
  for (const { tenant, id } of vault.sessionKeys.sessions()) {
    const session = await vault.db.read((rows) => rows.sessions.find(tenant, id), request);
    if (session?.state !== 'LIVE') vault.sessionKeys.end(id);
  }
}
