// Deciding on an access request: approve, deny, cancel. The last approval makes the grant.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AccessRequest, Grant } from '../../model/access.ts';
import { approverChecks, recordingChecks } from '../../model/access-checks.ts';
import { type ApprovedScope, approvedScope, type Narrowing, requireWithinRequest } from '../../model/approved-scope.ts';
import { eventList, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import { type Check, passes } from '../../model/check.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { changeWithMac, requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { requireLiveCaller, requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { originOf, withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { accessContext, policyInForce } from './context.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys'>;

/** A decision's outcome: the request as it is now, and the grant where the last approval made one. */
export type DecisionResult = {
  readonly request: AccessRequest;
  readonly grant: Grant | null;
  readonly receipt: Receipt | undefined;
};

/**
 * Approves, all of what was asked for or less. Throws `access_refused` with the ordered checks (own request, young
 * account, decided already, …), and `malformed` for more than was asked for, or where nothing is left.
 */
export async function approve(
  vault: Deps,
  by: Caller,
  id: string,
  only: Narrowing,
  request: RequestContext,
): Promise<DecisionResult> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    await lockActiveTenant(tx, by.tenant);
    const { asked, requester } = await lockRequestWithRequester(tx, by, id);
    requireAuthentic(metadataKey, 'access_request', asked);
    const whose = { tenant: by.tenant, principal: requester.id };
    const context = await accessContext(tx, metadataKey, whose, asked.recording);
    const checks = [
      ...recordingChecks(context, asked.purpose),
      ...(await deciderChecks(tx, metadataKey, by, asked, requester)),
    ];
    if (!passes(checks)) throw new VaultError('access_refused', 'this approval does not count', { checks });
    requireWithinRequest(asked, only);
    const now = await tx.now();
    const narrowing = { minutes: only.minutes ?? null, objects: only.objects ?? null };
    const decision = { tenant: by.tenant, request: id, approver: by.principal, at: now, words: null, ...narrowing };
    await tx.access.insertDecision(withMac(metadataKey, 'decision', { ...decision, decision: 'approve' }));
    const decisions = await tx.access.decisions(by.tenant, id);
    for (const one of decisions) requireAuthentic(metadataKey, 'decision', one);
    const left = approvedScope(asked, decisions);
    const given = decisions.filter((one) => one.decision === 'approve').length;
    const enough = given >= asked.approvalsNeeded;
    const state = enough ? 'APPROVED' : 'REQUESTED';
    if (!(await tx.access.changeRequest(asked, changeWithMac(metadataKey, 'access_request', asked, { state }))))
      throw new VaultError('conflict', 'somebody else decided first');
    const grant = enough ? newGrant(metadataKey, asked, left, context.policy.uses, now) : null;
    if (grant !== null) await tx.access.insertGrant(grant);
    const granted = grant === null ? {} : { grant: grant.id, expires: grant.expires };
    const object = {
      id,
      recording: asked.recording,
      approvals: given,
      minutes: left.minutes,
      objects: eventList(left.objects),
      ...granted,
      ...presentedCredential(by),
    };
    const made = withOrigin(event(by.tenant, actorOf(by), 'access.approved', object, request), metadataKey, request);
    const reply = replyToStore(request, 'done', id, ...(grant === null ? [] : [grant.id]));
    return { result: { request: { ...asked, state } as const, grant }, events: [made], ...reply };
  }, request);
  return { ...result, receipt: receipts[0] };
}

/** Denies, with a reason that the requester sees. */
export async function deny(
  vault: Deps,
  by: Caller,
  id: string,
  reason: string,
  request: RequestContext,
): Promise<DecisionResult> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  return closeRequest(vault, by, id, 'DENIED', request, async (tx, asked, requester) => {
    const checks = await deciderChecks(tx, metadataKey, by, asked, requester);
    if (!passes(checks)) throw new VaultError('access_refused', 'this decision does not count', { checks });
    const words = { reason };
    const place = { tenant: by.tenant, row: `${id}:${by.principal}`, column: 'words' };
    const sealed = sealColumn(metadataKey, place, canonicalBytes(words));
    const at = await tx.now();
    const decision = { tenant: by.tenant, request: id, approver: by.principal, at, words: sealed };
    const denial = { ...decision, decision: 'deny', minutes: null, objects: null } as const;
    await tx.access.insertDecision(withMac(metadataKey, 'decision', denial));
    const object = { ...subject(asked), ...presentedCredential(by) };
    const made = event(by.tenant, actorOf(by), 'access.denied', object, request);
    return withDetail(made, metadataKey, { ...words, ...originOf(request) });
  });
}

/** Takes an own request back. Throws `not_found` for another’s, the same as reading it does. */
export function cancel(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<DecisionResult> {
  return closeRequest(vault, by, id, 'CANCELLED', request, async (_tx, asked) => {
    if (asked.requester !== by.principal) throw new VaultError('not_found', 'there is no such request');
    return event(
      by.tenant,
      actorOf(by),
      'access.cancelled',
      { ...subject(asked), ...presentedCredential(by) },
      request,
    );
  });
}

async function closeRequest(
  vault: Deps,
  by: Caller,
  id: string,
  state: 'DENIED' | 'CANCELLED',
  request: RequestContext,
  check: (tx: Transaction, asked: AccessRequest, requester: Principal) => Promise<NewEvent>,
): Promise<DecisionResult> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    // Neither gives anything, so the rows' states suffice.
    await requireLiveCallerWithoutMac(tx, by);
    const { asked, requester } = await lockRequestWithRequester(tx, by, id);
    const made = await check(tx, asked, requester);
    if (asked.state !== 'REQUESTED') throw new VaultError('conflict', 'the request is decided already');
    if (!(await tx.access.changeRequest(asked, { state, mac: null })))
      throw new VaultError('conflict', 'somebody else decided first');
    const result = { request: { ...asked, state } as const, grant: null };
    return { result, events: [made], ...replyToStore(request, 'done', id) };
  }, request);
  return { ...result, receipt: receipts[0] };
}

async function lockRequestWithRequester(
  tx: Transaction,
  by: Caller,
  id: string,
): Promise<{ asked: AccessRequest; requester: Principal }> {
  // Held, so that each approval counts those before it.
  const asked = await tx.access.lockRequest(by.tenant, id);
  const requester = asked === null ? null : await tx.principals.find(by.tenant, asked.requester);
  if (asked === null || requester === null) throw new VaultError('not_found', 'there is no such request');
  return { asked, requester };
}

/** Whether the caller may decide on this request now, check by check. Throws `integrity` for a row that is not authentic. */
export async function deciderChecks(
  tx: Rows,
  metadataKey: SecretKey,
  by: Caller,
  asked: AccessRequest,
  requester: Principal,
): Promise<Check[]> {
  const approver = await tx.principals.find(by.tenant, by.principal);
  if (approver === null) throw new VaultError('unauthenticated', 'the credential is not valid');
  for (const one of [approver, requester]) requireAuthentic(metadataKey, 'principal', one);
  const { policy } = await policyInForce(tx, metadataKey, by.tenant);
  return approverChecks(asked, requester, approver, by, policy, await tx.now());
}

function newGrant(
  metadataKey: SecretKey,
  asked: AccessRequest,
  left: ApprovedScope,
  uses: number,
  approved: string,
): Grant {
  return withMac(metadataKey, 'access_grant', {
    tenant: asked.tenant,
    id: newId('grt'),
    request: asked.id,
    recording: asked.recording,
    person: asked.requester,
    purpose: asked.purpose,
    objects: left.objects,
    state: 'APPROVED',
    version: 1,
    approved,
    expires: new Date(Date.parse(approved) + left.minutes * 60_000).toISOString(),
    uses,
    usesLeft: uses,
    revokedAt: null,
    revokedBy: null,
    revokedWords: null,
  });
}

function subject(asked: AccessRequest) {
  return { id: asked.id, recording: asked.recording };
}
