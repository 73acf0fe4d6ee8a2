// Opening a listening session: a use of the grant, the session's row and its event in one transaction, before any data key.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { type Grant, grantSource, type Session } from '../../model/access.ts';
import { usesCheck } from '../../model/access-checks.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { consentSourceOf } from '../../model/basis.ts';
import { passes } from '../../model/check.ts';
import { startOfClock } from '../../model/grant-clock.ts';
import type { Caller } from '../../model/principal.ts';
import { limitChecks } from '../access/limits.ts';
import { changeWithMac, withMac } from '../core/authority/authority-rows.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import { withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { countRefusal } from './count-refusal.ts';
import { lockOwnGrant } from './lock-grant.ts';

/** Opens a session on a grant. Throws `not_found`, or `access_refused` with the checks; a denial is in the log too. */
export async function openSession(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  grantId: string,
  request: RequestContext,
): Promise<{ readonly session: Session; readonly receipt: Receipt | undefined }> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  try {
    const { result, receipts } = await vault.db.change(async (tx) => {
      const { grant, checks: shared, context, now } = await lockOwnGrant(tx, metadataKey, by, grantId);
      // Under the lock on the person: of openings at the limit, on any process, each counts those before it.
      const checks = [...shared, usesCheck(grant), ...(await limitChecks(tx, context, now))];
      const denied = () => new VaultError('access_refused', 'the grant does not allow a session now', { checks });
      if (!passes(checks)) throw denied();
      const clock = startOfClock(grant, now);
      const session = withMac(metadataKey, 'session', {
        tenant: by.tenant,
        id: newId('ses'),
        grant: grantId,
        recording: grant.recording,
        principal: by.principal,
        state: 'LIVE',
        version: 1,
        opened: now,
        ends: clock.expires ?? grant.expires,
        ended: null,
        reason: null,
        ranges: 0,
        bytes: 0,
        heard: null,
        playedMinutes: 0,
        unwraps: 0,
        signIn: by.signIn?.id ?? null,
      });
      const [used] = await Promise.all([
        tx.access.changeGrant(grant, takeUse(metadataKey, grant, clock)),
        tx.sessions.insert(session),
      ]);
      if (!used) throw denied();
      const consent = context.basis === null ? null : consentSourceOf(context.basis);
      const facts = {
        grant: grantId,
        ...grantSource(grant),
        recording: grant.recording,
        purpose: grant.purpose,
        policy: context.id,
        ends: session.ends,
        ...(consent === null ? {} : { consent }),
        ...presentedCredential(by),
      };
      const made = event(by.tenant, actorOf(by), 'session.opened', { id: session.id, ...facts }, request);
      const sealed = withOrigin(made, metadataKey, request);
      return { result: session, events: [sealed], ...replyToStore(request, 'created', session.id) };
    }, request);
    return { session: result, receipt: receipts[0] };
  } catch (error) {
    await countRefusal(vault, by, { type: 'grant', id: grantId }, error, request);
    throw error;
  }
}

/** The grant's columns after one more use, which may start its clock. Throws `integrity` for a grant that is not authentic. */
function takeUse(metadataKey: SecretKey, grant: Grant, clock: Partial<Grant>) {
  const usesLeft = grant.usesLeft - 1;
  const left = { ...clock, usesLeft, state: usesLeft === 0 ? 'CONSUMED' : 'APPROVED' } as const;
  return changeWithMac(metadataKey, 'access_grant', grant, left);
}

/** The first result of `openSession`. Throws `not_found` where its row was deleted. */
export async function replayOpenedSession(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  stored: StoredOutcome,
  request: RequestContext,
): Promise<{ readonly session: Session; readonly receipt: Receipt | undefined }> {
  const id = findId(stored.ids, 'ses') ?? '';
  const session = requireStillExists(await vault.db.read((rows) => rows.sessions.find(by.tenant, id), request));
  return { session, receipt: stored.receipt };
}
