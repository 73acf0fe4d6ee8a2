// What a decision on a request does: its checks, its rows and its event, worked out from rows that are locked.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AccessRequest, Decision, Grant } from '../../model/access.ts';
import { approverChecks, type Confirmation, recordingChecks } from '../../model/access-checks.ts';
import { type ApprovedScope, approvalOf as approvalWith, approvedScope } from '../../model/approved-scope.ts';
import { eventList, type NewEvent } from '../../model/audit-event.ts';
import { type Check, check, firstFailure, passes } from '../../model/check.ts';
import { askedLimits, type DecisionInput, extensionMember } from '../../model/decision-input.ts';
import { minutesAfter } from '../../model/grant-clock.ts';
import { type Policy, ruleOf } from '../../model/policy.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isHidden } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import type { RowsToDecide } from '../../ports/rows/look-rows.ts';
import { changeWithMac, requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { originOf, withOrigin } from '../core/personal/origin.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import type { VerifiedProof } from '../core/proofs/given-proof.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { TeamsInDecision } from '../core/scope/decider-teams.ts';
import { accessContextOf } from './context.ts';

/** Who decides, how they confirmed it, and when. */
export type Deciding = {
  readonly by: Caller;
  readonly caller: Principal;
  readonly confirmed: Confirmation;
  /** The caller's teams; null where the policy does not ask for them. */
  readonly teams: TeamsInDecision | null;
  readonly proof: VerifiedProof | null;
  /** The reason of denials. */
  readonly reason: string;
  readonly now: string;
  readonly metadataKey: SecretKey;
  readonly request: RequestContext;
};

/** A decision that is possible. `write` sends its rows; false where the request's row changed since it was read. */
export type PossibleDecision = {
  readonly write: (tx: Transaction) => Promise<boolean>;
  readonly request: AccessRequest;
  readonly grant: Grant | null;
  readonly event: NewEvent;
};

/** A decision on one request: what it does, or the checks that prevent it, and the event that says so in a list. */
export type DecisionPlan = PossibleDecision | { readonly checks: readonly Check[]; readonly refusal: () => NewEvent };

/**
 * The plan of a decision. `earlier` are the decisions on this request. Throws `integrity`; `not_found` for a request
 * whose requester is missing.
 */
export function planDecision(
  at: Deciding,
  found: RowsToDecide,
  what: DecisionInput,
  earlier: readonly Decision[],
): DecisionPlan {
  const { request: row } = found;
  requireAuthentic(at.metadataKey, 'access_request', row);
  for (const one of earlier) requireAuthentic(at.metadataKey, 'decision', one);
  const { policy } = policyOf(at.metadataKey, found.policy);
  const scope = scopeOf(row, what, earlier, policy, at.now);
  const checks = decisionChecks(at, found, what, earlier, scope);
  if (!passes(checks) || (scope !== null && 'fault' in scope))
    return { checks, refusal: () => refusalOf(at, row, what, earlier, checks) };
  return scope === null ? denialOf(at, row) : approvalOf(at, found, what, earlier, scope);
}

/** The ordered checks of a decision; `scope` is as `scopeOf` has it. Throws as `planDecision`. */
export function decisionChecks(
  at: Pick<Deciding, 'by' | 'caller' | 'confirmed' | 'teams' | 'now' | 'metadataKey'>,
  found: RowsToDecide,
  what: DecisionInput,
  earlier: readonly Decision[],
  scope: ReturnType<typeof scopeOf>,
): Check[] {
  const { by, caller, confirmed, teams, now, metadataKey } = at;
  const { request: row, person: requester, recording } = found;
  if (requester === null) throw new VaultError('not_found', 'there is no such request');
  requireAuthentic(metadataKey, 'principal', requester);
  const { policy } = policyOf(metadataKey, found.policy);
  const decided = earlier.some(({ approver }) => approver === by.principal);
  const person = approverChecks(row, requester, caller, by, policy, now, {
    ...{ confirmed, decided, teams: teams?.(requester, recording) ?? null },
  });
  if (scope === null) return person;
  if (recording === null || isHidden(recording))
    return [check('recording-available', false, 'recording_not_available'), ...person];
  const able = [...recordingChecks(accessContextOf(metadataKey, found), row.purpose), ...person];
  if ('fault' in scope) return [...able, check(CHECK_OF_FAULT[scope.fault], false, scope.fault)];
  return confirmed !== 'proof' || isSigned(row, what, scope)
    ? able
    : [...able, check('proof', false, 'proof_mismatch')];
}

const CHECK_OF_FAULT = { objects_not_allowed: 'objects-allowed', window_over: 'window-open' } as const;

/** The scope of this approval with those before it, or why they give none; null for a denial. */
export function scopeOf(
  row: AccessRequest,
  what: DecisionInput,
  earlier: readonly Decision[],
  policy: Policy,
  now: string,
): ReturnType<typeof approvedScope> | null {
  if (what.decision === 'deny') return null;
  return approvedScope(row, [...earlier, approvalWith(what)], ruleOf(policy, row.purpose), now);
}

/** Whether the grant gets exactly what the passkey signed: an approval that came between may have left less. */
function isSigned(row: AccessRequest, what: DecisionInput, scope: ApprovedScope): boolean {
  const asked = askedLimits(row, what);
  const sameScope = scope.minutes === asked.minutes && eventList(scope.objects) === asked.objects;
  return sameScope && (scope.opensUntil ?? undefined) === asked.opens_until;
}

function approvalOf(
  at: Deciding,
  found: RowsToDecide,
  what: DecisionInput,
  earlier: readonly Decision[],
  scope: ApprovedScope,
): PossibleDecision {
  const { by, metadataKey, now, request } = at;
  const row = found.request;
  const { policy } = policyOf(metadataKey, found.policy);
  const own = withMac(metadataKey, 'decision', {
    ...{ tenant: by.tenant, request: row.id, approver: by.principal, at: now, words: null },
    ...{ ...approvalWith(what), decision: 'approve' as const },
  });
  const given = [...earlier, own].filter((one) => one.decision === 'approve').length;
  const enough = given >= row.approvalsNeeded;
  // With approvals missing the state stays, and the row's version rises: a concurrent decision then conflicts.
  const state = enough ? 'APPROVED' : 'REQUESTED';
  const grant = enough ? newGrant(metadataKey, row, scope, policy.uses, now) : null;
  const becomes = changeWithMac(metadataKey, 'access_request', row, { state });
  const granted = grant === null ? {} : { grant: grant.id, expires: grant.expires, uses: grant.uses };
  const { minutes, objects } = scope;
  const object = {
    ...{ ...subject(at, row), approvals: given, minutes, objects: eventList(objects) },
    ...{ ...clockMembers(scope), ...extensionMember(what.extend) },
  };
  const made = event(by.tenant, actorOf(by), 'access.approved', { ...object, ...granted }, request);
  return {
    write: async (tx) => {
      const [, changed] = await Promise.all([
        tx.access.insertDecision(own),
        tx.access.changeRequest(row, becomes),
        grant === null ? undefined : tx.access.insertGrant(grant),
      ]);
      return changed;
    },
    request: { ...row, state },
    grant,
    event: withOrigin(made, metadataKey, request),
  };
}

function denialOf(at: Deciding, row: AccessRequest): PossibleDecision {
  const { by, metadataKey, now, reason, request } = at;
  const place = { tenant: by.tenant, row: `${row.id}:${by.principal}`, column: 'words' };
  const own = withMac(metadataKey, 'decision', {
    ...{ tenant: by.tenant, request: row.id, approver: by.principal, at: now, decision: 'deny' as const },
    ...{ words: sealColumn(metadataKey, place, canonicalBytes({ reason })) },
    ...approvalWith({}),
  });
  const made = event(by.tenant, actorOf(by), 'access.denied', subject(at, row), request);
  return {
    write: async (tx) => {
      const closing = tx.access.changeRequest(row, { state: 'DENIED', mac: null });
      const [, changed] = await Promise.all([tx.access.insertDecision(own), closing]);
      return changed;
    },
    request: { ...row, state: 'DENIED' },
    grant: null,
    event: withDetail(made, metadataKey, { reason, ...originOf(request) }),
  };
}

/** The event of a decision that had no effect. It says none of the person's words: its recording may be erased already. */
function refusalOf(
  at: Deciding,
  row: AccessRequest,
  what: DecisionInput,
  earlier: readonly Decision[],
  checks: readonly Check[],
): NewEvent {
  const { by, metadataKey, request } = at;
  const why = firstFailure(checks) ?? '';
  const object = { ...subject(at, row), why };
  if (what.decision === 'deny') {
    const made = event(by.tenant, actorOf(by), 'access.denied', object, request, 'refused');
    return withDetail(made, metadataKey, { reason: '' });
  }
  const approvals = earlier.filter((one) => one.decision === 'approve').length;
  const asked = { ...object, approvals, ...askedLimits(row, what) };
  return event(by.tenant, actorOf(by), 'access.approved', asked, request, 'refused');
}

/** The members that a proof signs, those that are not of an approval alone, and the proof. */
function subject({ by, proof }: Deciding, { id, recording, requester, purpose }: AccessRequest) {
  const proven = proof === null ? {} : { proof: proof.id };
  return { id, recording, person: requester, purpose, ...proven, ...presentedCredential(by) };
}

/** What the event says of a clock that the first listen starts. */
function clockMembers({ opensUntil, extendMinutes }: ApprovedScope) {
  if (opensUntil === null) return {};
  return { opens_until: opensUntil, ...(extendMinutes === null ? {} : { extend_minutes: extendMinutes }) };
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
    batch: null,
    recording: accessRequest.recording,
    person: accessRequest.requester,
    purpose: accessRequest.purpose,
    objects: scope.objects,
    state: 'APPROVED',
    version: 1,
    approved,
    expires: scope.opensUntil ?? minutesAfter(approved, scope.minutes),
    uses,
    usesLeft: uses,
    // Without a window the clock runs already.
    minutes: scope.opensUntil === null ? null : scope.minutes,
    opensUntil: scope.opensUntil,
    started: null,
    extendMinutes: scope.extendMinutes,
    extended: null,
    ...{ revokedAt: null, revokedBy: null, revokedWords: null, done: null, doneWords: null },
  });
}
