// Requesting access to a recording. The policy rejects at once what it can never grant.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AccessRequest } from '../../model/access.ts';
import { type AccessRequestInput, recordingChecks, requestedScopeChecks } from '../../model/access-checks.ts';
import { eventList, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import { passes } from '../../model/check.ts';
import { openRequestsChecks } from '../../model/policy/limits.ts';
import { ruleOf } from '../../model/policy.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isErased } from '../../model/recording.ts';
import type { Scope } from '../../model/team/scope.ts';
import { trainingChecks } from '../../model/training.ts';
import type { Transaction } from '../../ports/database.ts';
import type { LockedAccess } from '../../ports/rows/look-rows.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isInScope, noRecording, scopeUnder } from '../core/scope/read-scope.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { accessContextOf } from './context.ts';
import { lockedAccess } from './locked-access.ts';

/** A person's request and the reason for it: reason and ticket are sealed. */
export type NewAccessRequest = AccessRequestInput & {
  readonly recording: string;
  readonly reason: string;
  readonly ticket?: string;
};

/**
 * Creates an access request. Throws `access_refused` with its checks where the policy can never grant it, `not_found`.
 */
export async function requestAccess(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  what: NewAccessRequest,
  request: RequestContext,
): Promise<{ readonly request: AccessRequest; readonly receipt: Receipt | undefined }> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    // The recording is locked, so that a concurrent erasure sees the request, or the request sees the erasure.
    const lock = () => tx.looks.lockToAsk(by, what.recording);
    const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such recording');
    const scope = await scopeUnder(tx, metadataKey, by, found.policy);
    const { row, made } = await insertAccessRequest(tx, { by, caller, scope, metadataKey, now, request }, found, what);
    return { result: row, events: [made], ...replyToStore(request, 'created', row.id) };
  }, request);
  return { request: result, receipt: receipts[0] };
}

/** Who asks, and when. */
export type Asking = {
  readonly by: Caller;
  readonly caller: Principal;
  readonly scope: Scope;
  readonly metadataKey: SecretKey;
  readonly now: string;
  readonly request: RequestContext;
};

/** Creates a request for a locked recording. Throws as `requestAccess`, before it writes. */
export async function insertAccessRequest(
  tx: Transaction,
  { by, caller, scope, metadataKey, now: created, request }: Asking,
  found: LockedAccess,
  what: NewAccessRequest,
): Promise<{ readonly row: AccessRequest; readonly made: NewEvent }> {
  if (!(await isInScope(tx, scope, found.recording))) throw noRecording();
  if (isErased(found.recording)) throw new VaultError('erased', 'this recording was erased');
  const context = accessContextOf(metadataKey, { ...found, person: caller });
  const { policy, id: policyId, recording } = context;
  const open = policy.openRequests === undefined ? 0 : await tx.access.countOpen(by.tenant, by.principal, created);
  const checks = [
    ...recordingChecks(context, what.purpose),
    ...trainingChecks(context, what.purpose, created),
    ...requestedScopeChecks(what, policy),
    ...openRequestsChecks(policy, open),
  ];
  const rule = ruleOf(policy, what.purpose);
  if (rule === undefined || !passes(checks))
    throw new VaultError('access_refused', 'the policy does not allow this request', { checks });
  const id = newId('req');
  const words = { reason: what.reason, ...(what.ticket === undefined ? {} : { ticket: what.ticket }) };
  const row = withMac(metadataKey, 'access_request', {
    tenant: by.tenant,
    id,
    recording: recording.id,
    requester: by.principal,
    purpose: what.purpose,
    objects: [...new Set(what.objects)].sort(),
    minutes: what.minutes,
    state: 'REQUESTED',
    version: 1,
    created,
    expires: new Date(Date.parse(created) + policy.requestHours * 3_600_000).toISOString(),
    // Every purpose needs at least one other person: the policy can only require more.
    approvalsNeeded: Math.max(1, rule.approvals),
    policy: policyId,
    words: sealColumn(metadataKey, { tenant: by.tenant, row: id, column: 'words' }, canonicalBytes(words)),
  });
  await tx.access.insertRequest(row);
  const { objects, minutes, purpose } = row;
  const facts = {
    recording: recording.id,
    purpose,
    objects: eventList(objects),
    minutes,
    approvals: row.approvalsNeeded,
    policy: policyId,
    ...presentedCredential(by),
  };
  const made = event(by.tenant, actorOf(by), 'access.requested', { id, ...facts }, request);
  return { row, made: withDetail(made, metadataKey, words) };
}
