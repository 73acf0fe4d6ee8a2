// The end of an assigned grant by its reviewer: finished, or returned with a reason.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import { isUnfinished } from '../../model/batch.ts';
import { check } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { endSessionsOf } from '../access/end-grant.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { closeIfFinished } from './close-batches.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>;

/**
 * Finishes the caller's assigned grant, and ends its sessions: also after its clock ended, until its batch is due. Throws
 * `not_found`, `access_refused` before the first listen, and `conflict` where it has ended.
 */
export function finishGrant(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<Receipt | undefined> {
  return finish(vault, by, id, null, request);
}

/** Returns the caller's assigned grant, with a reason that its maker sees. Throws `not_found` and `conflict`. */
export function returnGrant(
  vault: Deps,
  by: Caller,
  id: string,
  reason: string,
  request: RequestContext,
): Promise<Receipt | undefined> {
  return finish(vault, by, id, reason, request);
}

async function finish(
  vault: Deps,
  by: Caller,
  id: string,
  reason: string | null,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const grant = await tx.access.lockGrant(by.tenant, id);
    if (grant === null || grant.person !== by.principal || grant.batch === null)
      throw new VaultError('not_found', 'there is no such assigned grant');
    requireAuthentic(metadataKey, 'access_grant', grant);
    const now = await tx.now();
    if (!isUnfinished(grant, now)) throw new VaultError('conflict', 'the assigned grant has already ended');
    if (reason === null && grant.started === null) throw notStarted();
    const state = reason === null ? 'DONE' : 'RETURNED';
    const doneWords = reason === null ? null : sealReason(metadataKey, by.tenant, id, reason);
    if (!(await tx.access.changeGrant(grant, { state, done: now, doneWords, mac: null })))
      throw new VaultError('conflict', 'a concurrent update changed the grant first');
    const object = { id, recording: grant.recording, batch: grant.batch, ...presentedCredential(by) };
    const first: NewEvent =
      reason === null
        ? event(by.tenant, actorOf(by), 'grant.done', object, request)
        : withDetail(event(by.tenant, actorOf(by), 'grant.returned', object, request), metadataKey, { reason });
    const { events, sessions } = await endSessionsOf(tx, actorOf(by), grant, request);
    const batch = { tenant: by.tenant, id: grant.batch };
    const closed = await closeIfFinished(tx, batch, actorOf(by), presentedCredential(by), request);
    const all = [first, ...events, ...(closed === null ? [] : [closed])];
    return { result: sessions, events: all, ...replyToStore(request, 'done', id) };
  }, request);
  for (const session of result) vault.sessionKeys.end(session);
  return receipts[0];
}

function sealReason(metadataKey: SecretKey, tenant: string, id: string, reason: string): Uint8Array {
  return sealColumn(metadataKey, { tenant, row: id, column: 'done_words' }, canonicalBytes({ reason }));
}

function notStarted(): VaultError {
  const checks = [check('clock-started', false, 'not_started')];
  return new VaultError('access_refused', 'nothing of this call was listened to', { checks });
}
