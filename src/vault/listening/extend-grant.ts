// Extending a grant: once, by its holder, as approved in advance. Its live sessions end later too.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { type Grant, grantSource } from '../../model/access.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { passes } from '../../model/check.ts';
import { extensionChecks, minutesAfter } from '../../model/grant-clock.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { changeWithMac } from '../core/authority/authority-rows.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { countRefusal } from './count-refusal.ts';
import { lockOwnGrant } from './lock-grant.ts';

/** The grant after it was extended. */
export type ExtendedGrant = { readonly grant: Grant; readonly receipt: Receipt | undefined };

/**
 * Moves the end of a grant and of its live sessions by the minutes that were approved. Throws `not_found`, and
 * `access_refused` with the checks: no extension approved, not started, extended before, or the grant has ended; a
 * denial is in the log too.
 */
export async function extendGrant(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<ExtendedGrant> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  try {
    const { result, receipts } = await vault.db.change(async (tx) => {
      const { grant, checks: shared, now } = await lockOwnGrant(tx, metadataKey, by, id);
      const checks = [...shared, ...extensionChecks(grant)];
      if (!passes(checks)) throw new VaultError('access_refused', 'the grant cannot be extended', { checks });
      const to = { expires: minutesAfter(grant.expires, grant.extendMinutes ?? 0), extended: now };
      if (!(await tx.access.changeGrant(grant, changeWithMac(metadataKey, 'access_grant', grant, to))))
        throw new VaultError('conflict', 'a concurrent update changed the grant first');
      await moveSessions(tx, metadataKey, grant, to.expires);
      const facts = { recording: grant.recording, ...grantSource(grant), expires: to.expires };
      const object = { id, ...facts, ...presentedCredential(by) };
      const made = event(by.tenant, actorOf(by), 'grant.extended', object, request);
      return { result: { ...grant, ...to }, events: [made], ...replyToStore(request, 'done', id) };
    }, request);
    return { grant: result, receipt: receipts[0] };
  } catch (error) {
    await countRefusal(vault, by, { type: 'grant', id }, error, request);
    throw error;
  }
}

/** The grant as it is now, after an extension that was made before. Throws `not_found` where its row was deleted. */
export async function replayExtendedGrant(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  stored: StoredOutcome,
  request: RequestContext,
): Promise<ExtendedGrant> {
  const id = findId(stored.ids, 'grt') ?? '';
  const grant = requireStillExists(await vault.db.read((rows) => rows.access.grant(by.tenant, id), request));
  return { grant, receipt: stored.receipt };
}

async function moveSessions(tx: Transaction, metadataKey: SecretKey, grant: Grant, ends: string): Promise<void> {
  for (const { id } of await tx.sessions.liveOf(grant.tenant, grant.id)) {
    // Locked: serving counts in the row, and expiry may end it.
    const session = await tx.sessions.lock(grant.tenant, id);
    if (session?.state !== 'LIVE') continue;
    await tx.sessions.change(session, changeWithMac(metadataKey, 'session', session, { ends }));
  }
}
