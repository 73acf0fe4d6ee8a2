// A person's standing with a recording: what they may do with it now, and what became of what they asked.
import type { AccessRequest, Decision, Grant } from './access.ts';
import { type DecisionContext, recordingChecks } from './access-checks.ts';
import { type Approvals, firstFailure } from './check.ts';
import { rulesOf } from './policy.ts';

export type AccessStateName =
  | 'listen'
  | 'ask'
  | 'pending'
  | 'denied'
  | 'cancelled'
  | 'expired'
  | 'revoked'
  | 'used'
  | 'unavailable';

/** A standing. `code` says which check is in the way; `until` when a grant or an open request ends. */
export type AccessState = {
  readonly state: AccessStateName;
  readonly code: string | null;
  readonly request: AccessRequest | null;
  readonly grant: Grant | null;
  readonly until: string | null;
  readonly approvals: Approvals | null;
  /** Who decided last: denied, revoked or approved. */
  readonly decidedBy: string | null;
};

/** What there is of a person's asking for a recording. A grant is the request's. */
export type AccessRequestHistory = {
  readonly request: AccessRequest | null;
  readonly grant: Grant | null;
  readonly decisions: readonly Decision[];
};

/** The standing at a time. */
export function accessStateOf(
  at: DecisionContext,
  { request, grant, decisions }: AccessRequestHistory,
  now: string,
): AccessState {
  const nothing = { request, grant, until: null, approvals: null, decidedBy: null };
  if (request === null) {
    const code = blockingCode(at);
    return { ...nothing, state: code === null ? 'ask' : 'unavailable', code };
  }
  const state = stateOf(request, grant, now);
  const code = state === 'listen' ? (firstFailure(recordingChecks(at, request.purpose)) ?? null) : blockingCode(at);
  const approving = decisions.filter(({ decision }) => decision === 'approve');
  const open = state === 'pending';
  return {
    // What became of a request tells nothing to do where nobody can ask again; one that is open goes on.
    state: code === null || open ? state : 'unavailable',
    code: open ? null : code,
    request,
    grant,
    until: grant?.expires ?? (open ? request.expires : null),
    approvals: { given: approving.length, needed: request.approvalsNeeded },
    decidedBy: grant?.revokedBy ?? decisions.at(-1)?.approver ?? null,
  };
}

/** Whether a grant opens one more session at a time. */
export function canOpenSession(grant: Pick<Grant, 'state' | 'usesLeft' | 'expires'>, now: string): boolean {
  return grant.state === 'APPROVED' && grant.usesLeft > 0 && now < grant.expires;
}

function stateOf(request: AccessRequest, grant: Grant | null, now: string): AccessStateName {
  if (grant !== null) {
    if (canOpenSession(grant, now)) return 'listen';
    if (grant.state === 'REVOKED') return 'revoked';
    return grant.state === 'CONSUMED' && now < grant.expires ? 'used' : 'expired';
  }
  if (request.state === 'REQUESTED') return now < request.expires ? 'pending' : 'expired';
  return ({ DENIED: 'denied', CANCELLED: 'cancelled', EXPIRED: 'expired', APPROVED: 'expired' } as const)[
    request.state
  ];
}

/** Why no purpose can be asked for, by the check that is in the way of the one that came furthest; null where one can. */
function blockingCode(at: DecisionContext): string | null {
  let furthest: { readonly passed: number; readonly code: string } | null = null;
  for (const [purpose] of rulesOf(at.policy)) {
    const checks = recordingChecks(at, purpose);
    const code = firstFailure(checks);
    if (code === undefined) return null;
    const passed = checks.findIndex(({ ok }) => ok !== true);
    if (furthest === null || passed > furthest.passed) furthest = { passed, code };
  }
  return furthest?.code ?? 'purpose_not_allowed';
}
