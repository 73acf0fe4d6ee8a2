// Revoking a grant: nothing more is opened on it, and what is live ends with it.
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import { replyOf } from '../idempotency/reply.ts';
import { endSession } from '../listening/end.ts';
import { actorOf, event } from '../log/events.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** Revokes a grant: its holder, who decides, or `privacy`. Live sessions end with it. Throws `not_found` or `conflict`. */
export async function revokeGrant(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  by: Caller,
  id: string,
  request: Request,
): Promise<Receipt | undefined> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    // A session that is being opened takes a use first: whoever holds the grant sees it or keeps it from opening.
    const grant = await tx.access.lockGrant(by.tenant, id);
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
