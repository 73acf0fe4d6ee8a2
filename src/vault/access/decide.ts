// Decisions on an access request: approve, deny, cancel. The last approval creates the grant.
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
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { originOf, withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { accessContextOf, policyInForce } from './context.ts';
import { lockedAccess } from './locked-access.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys'>;

/** A decision's result: the request after it, and the grant where the last approval created one. */
export type DecisionResult = {
  readonly request: AccessRequest;
  readonly grant: Grant | null;
  readonly receipt: Receipt | undefined;
};

/**
 * Approves all or part of a request. Throws `access_refused` with the ordered checks (own request, young account,
 * already decided, …), and `malformed` where `only` exceeds the request or leaves nothing.
 */
export async function approve(
  vault: Deps,
  by: Caller,
  id: string,
  only: Narrowing,
  request: RequestContext,
): Promise<DecisionResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    // Locked, so that each approval counts those before it.
    const lock = () => tx.looks.lockToDecide(by, id);
    const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such request');
    const { request: accessRequest, person: requester } = found;
    if (requester === null) throw new VaultError('not_found', 'there is no such request');
    requireAuthentic(metadataKey, 'access_request', accessRequest);
    const context = accessContextOf(metadataKey, found);
    const checks = [
      ...recordingChecks(context, accessRequest.purpose),
      ...approverChecks(accessRequest, requester, caller, by, context.policy, now),
    ];
    if (!passes(checks)) throw new VaultError('access_refused', 'you cannot approve this request', { checks });
    requireWithinRequest(accessRequest, only);
    const narrowing = { minutes: only.minutes ?? null, objects: only.objects ?? null };
    const decision = { tenant: by.tenant, request: id, approver: by.principal, at: now, words: null, ...narrowing };
    const [, decisions] = await Promise.all([
      tx.access.insertDecision(withMac(metadataKey, 'decision', { ...decision, decision: 'approve' })),
      tx.access.decisions(by.tenant, id),
    ]);
    for (const one of decisions) requireAuthentic(metadataKey, 'decision', one);
    const scope = approvedScope(accessRequest, decisions);
    const given = decisions.filter((one) => one.decision === 'approve').length;
    const enough = given >= accessRequest.approvalsNeeded;
    // With approvals missing the state stays, and the row's version rises: a concurrent decision then conflicts.
    const state = enough ? 'APPROVED' : 'REQUESTED';
    const grant = enough ? newGrant(metadataKey, accessRequest, scope, context.policy.uses, now) : null;
    const [changed] = await Promise.all([
      tx.access.changeRequest(accessRequest, changeWithMac(metadataKey, 'access_request', accessRequest, { state })),
      grant === null ? undefined : tx.access.insertGrant(grant),
    ]);
    if (!changed) throw new VaultError('conflict', 'a concurrent decision on this request came first');
    const granted = grant === null ? {} : { grant: grant.id, expires: grant.expires };
    const object = {
      id,
      recording: accessRequest.recording,
      approvals: given,
      minutes: scope.minutes,
      objects: eventList(scope.objects),
      ...granted,
      ...presentedCredential(by),
    };
    const made = withOrigin(event(by.tenant, actorOf(by), 'access.approved', object, request), metadataKey, request);
    const reply = replyToStore(request, 'done', id, ...(grant === null ? [] : [grant.id]));
    return { result: { request: { ...accessRequest, state } as const, grant }, events: [made], ...reply };
  }, request);
  return { ...result, receipt: receipts[0] };
}

/** Denies a request, with a reason that the requester sees. */
export async function deny(
  vault: Deps,
  by: Caller,
  id: string,
  reason: string,
  request: RequestContext,
): Promise<DecisionResult> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  return closeRequest(vault, by, id, 'DENIED', request, async (tx, accessRequest, requester) => {
    const checks = await deciderChecks(tx, metadataKey, by, accessRequest, requester);
    if (!passes(checks)) throw new VaultError('access_refused', 'you cannot decide on this request', { checks });
    const words = { reason };
    const place = { tenant: by.tenant, row: `${id}:${by.principal}`, column: 'words' };
    const sealed = sealColumn(metadataKey, place, canonicalBytes(words));
    const at = await tx.now();
    const decision = { tenant: by.tenant, request: id, approver: by.principal, at, words: sealed };
    const denial = { ...decision, decision: 'deny', minutes: null, objects: null } as const;
    await tx.access.insertDecision(withMac(metadataKey, 'decision', denial));
    const object = { ...subject(accessRequest), ...presentedCredential(by) };
    const made = event(by.tenant, actorOf(by), 'access.denied', object, request);
    return withDetail(made, metadataKey, { ...words, ...originOf(request) });
  });
}

/** Cancels the caller's own request. Throws `not_found` for another person’s, as reading it does. */
export function cancel(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<DecisionResult> {
  return closeRequest(vault, by, id, 'CANCELLED', request, async (_tx, accessRequest) => {
    if (accessRequest.requester !== by.principal) throw new VaultError('not_found', 'there is no such request');
    return event(
      by.tenant,
      actorOf(by),
      'access.cancelled',
      { ...subject(accessRequest), ...presentedCredential(by) },
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
  check: (tx: Transaction, accessRequest: AccessRequest, requester: Principal) => Promise<NewEvent>,
): Promise<DecisionResult> {
  const { result, receipts } = await vault.db.change(async (tx) => {
    // A denial or a cancellation gives no access, so the states of the caller's rows suffice.
    await requireLiveCallerWithoutMac(tx, by);
    const { accessRequest, requester } = await lockRequestWithRequester(tx, by, id);
    const made = await check(tx, accessRequest, requester);
    if (accessRequest.state !== 'REQUESTED') throw new VaultError('conflict', 'this request is already decided');
    if (!(await tx.access.changeRequest(accessRequest, { state, mac: null })))
      throw new VaultError('conflict', 'a concurrent decision on this request came first');
    const result = { request: { ...accessRequest, state } as const, grant: null };
    return { result, events: [made], ...replyToStore(request, 'done', id) };
  }, request);
  return { ...result, receipt: receipts[0] };
}

async function lockRequestWithRequester(
  tx: Transaction,
  by: Caller,
  id: string,
): Promise<{ accessRequest: AccessRequest; requester: Principal }> {
  // Locked, so that each approval counts those before it.
  const accessRequest = await tx.access.lockRequest(by.tenant, id);
  const requester = accessRequest === null ? null : await tx.principals.find(by.tenant, accessRequest.requester);
  if (accessRequest === null || requester === null) throw new VaultError('not_found', 'there is no such request');
  return { accessRequest, requester };
}

/**
 * The checks that say whether the caller may decide on this request now. Throws `integrity` for a row that is not
 * authentic.
 */
export async function deciderChecks(
  tx: Rows,
  metadataKey: SecretKey,
  by: Caller,
  accessRequest: AccessRequest,
  requester: Principal,
): Promise<Check[]> {
  const approver = await tx.principals.find(by.tenant, by.principal);
  if (approver === null) throw new VaultError('unauthenticated', 'the credential is not valid');
  for (const one of [approver, requester]) requireAuthentic(metadataKey, 'principal', one);
  const { policy } = await policyInForce(tx, metadataKey, by.tenant);
  return approverChecks(accessRequest, requester, approver, by, policy, await tx.now());
}

function newGrant(
  metadataKey: SecretKey,
  accessRequest: AccessRequest,
  scope: ApprovedScope,
  uses: number,
  approved: string,
): Grant {
  return withMac(metadataKey, 'access_grant', {
    tenant: accessRequest.tenant,
    id: newId('grt'),
    request: accessRequest.id,
    recording: accessRequest.recording,
    person: accessRequest.requester,
    purpose: accessRequest.purpose,
    objects: scope.objects,
    state: 'APPROVED',
    version: 1,
    approved,
    expires: new Date(Date.parse(approved) + scope.minutes * 60_000).toISOString(),
    uses,
    usesLeft: uses,
    revokedAt: null,
    revokedBy: null,
    revokedWords: null,
  });
}

function subject(accessRequest: AccessRequest) {
  return { id: accessRequest.id, recording: accessRequest.recording };
}
