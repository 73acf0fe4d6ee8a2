// Revoking a grant, which ends its live sessions.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isRecordingInScope, readScope } from '../core/scope/read-scope.ts';
import { endSession } from '../core/sessions/end-session.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Revokes a grant, for its holder, approvers and `privacy`, and ends its live sessions. The reason is sealed next to
 * the event, and left out where the tenant's key is unavailable: revoking must not wait for a key. Throws `not_found`,
 * `conflict`, or `unauthenticated` where the caller's credential ended.
 */
export async function revokeGrant(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>,
  by: Caller,
  id: string,
  reason: string | null,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const metadataKey = await metadataKeyIfAvailable(vault, by.tenant, request);
  const words = reason === null || metadataKey === null ? null : { reason, metadataKey };
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCallerWithoutMac(tx, by);
    // A session that opens concurrently takes a use first: under this lock it is seen here, or does not open.
    const grant = await tx.access.lockGrant(by.tenant, id);
    if (
      grant === null ||
      !(grant.person === by.principal || may(by, 'access.decide') || by.roles.includes('privacy'))
    ) {
      throw new VaultError('not_found', 'there is no such grant');
    }
    if (grant.person !== by.principal && metadataKey !== null) {
      // Without the key anyone who may decide revokes: taking away waits for no key.
      const scope = await readScope(tx, metadataKey, by);
      if (!(await isRecordingInScope(tx, scope, by.tenant, grant.recording)))
        throw new VaultError('not_found', 'there is no such grant');
    }
    const live = grant.state === 'APPROVED' || grant.state === 'CONSUMED';
    const revoked = {
      revokedAt: await tx.now(),
      revokedBy: by.principal,
      revokedWords: sealRevocationNote(grant, words),
    };
    if (!live || !(await tx.access.changeGrant(grant, { state: 'REVOKED', ...revoked, mac: null }))) {
      throw new VaultError('conflict', 'the grant has already ended');
    }
    const object = { id, recording: grant.recording, request: grant.request, ...presentedCredential(by) };
    const made = event(by.tenant, actorOf(by), 'grant.revoked', object, request);
    const sealed = words === null ? made : withDetail(made, words.metadataKey, { reason: words.reason });
    const events: NewEvent[] = [sealed];
    const sessions = await tx.sessions.liveOf(by.tenant, id);
    for (const session of sessions) {
      const ended = await endSession(tx, actorOf(by), session, 'revoked', request);
      if (ended !== null) events.push(ended);
    }
    return { result: sessions.map((session) => session.id), events, ...replyToStore(request, 'done', id) };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

type RevocationNote = { readonly reason: string; readonly metadataKey: SecretKey };

function sealRevocationNote({ tenant, id }: Grant, words: RevocationNote | null): Uint8Array | null {
  if (words === null) return null;
  return sealColumn(words.metadataKey, { tenant, row: id, column: 'words' }, canonicalBytes({ reason: words.reason }));
}
