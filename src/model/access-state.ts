// The access state of a person for a recording: what they may do now, and the outcome of their request.
import type { Decision, Grant, GrantSummary, RequestSummary } from './access.ts';
import { type DecisionContext, recordingChecks } from './access-checks.ts';
import { type Approvals, type Check, firstFailure } from './check.ts';
import { PURPOSES } from './policy.ts';
import { trainingChecks } from './training.ts';

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

/** An access state. `code` names the failing check; `until` is the end of a grant or of an open request. */
export type AccessState = {
  readonly state: AccessStateName;
  readonly code: string | null;
  readonly purpose: string | null;
  readonly request: RequestSummary | null;
  readonly grant: GrantSummary | null;
  readonly until: string | null;
  readonly approvals: Approvals | null;
  /** Who made the last decision: denial, revocation or approval. */
  readonly decidedBy: string | null;
};

/** A person's latest request for a recording, with its decision and grant. */
export type AccessRequestHistory = {
  readonly request: RequestSummary | null;
  readonly grant: GrantSummary | null;
  /** In their order. */
  readonly decisions: readonly Pick<Decision, 'decision' | 'approver'>[];
};

/** The access state at a time. */
export function accessStateOf(
  at: DecisionContext,
  { request, grant, decisions }: AccessRequestHistory,
  now: string,
): AccessState {
  const nothing = { purpose: request?.purpose ?? null, request, grant, until: null, approvals: null, decidedBy: null };
  if (request === null) {
    const code = blockingCode(at, now);
    return { ...nothing, state: code === null ? 'ask' : 'unavailable', code };
  }
  const state = stateOf(request, grant, now);
  const code =
    state === 'listen' ? (firstFailure(purposeChecks(at, request.purpose, now)) ?? null) : blockingCode(at, now);
  const approving = decisions.filter(({ decision }) => decision === 'approve');
  const open = state === 'pending';
  return {
    // The outcome is useless where no request is possible any more; an open request continues.
    state: code === null || open ? state : 'unavailable',
    code: open ? null : code,
    purpose: request.purpose,
    request,
    grant,
    until: grant?.expires ?? (open ? request.expires : null),
    approvals: { given: approving.length, needed: request.approvalsNeeded },
    decidedBy: grant?.revokedBy ?? decisions.at(-1)?.approver ?? null,
  };
}

/** The access state of a person with an assigned grant that can open a session; `maker` assigned it. */
export function assignedStateOf(
  at: DecisionContext,
  { purpose, maker, ...grant }: GrantSummary & { readonly purpose: string; readonly maker: string },
  now: string,
): AccessState {
  const code = firstFailure(purposeChecks(at, purpose, now)) ?? null;
  const state = code === null ? 'listen' : 'unavailable';
  return { state, code, purpose, request: null, grant, until: grant.expires, approvals: null, decidedBy: maker };
}

/** Whether a grant can open another session at this time. */
export function canOpenSession(grant: Pick<Grant, 'state' | 'usesLeft' | 'expires'>, now: string): boolean {
  return grant.state === 'APPROVED' && grant.usesLeft > 0 && now < grant.expires;
}

function stateOf(request: RequestSummary, grant: GrantSummary | null, now: string): AccessStateName {
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

function purposeChecks(at: DecisionContext, purpose: string, now: string): Check[] {
  return [...recordingChecks(at, purpose), ...trainingChecks(at, purpose, now)];
}

/** The failing check of the purpose that came furthest, if no purpose can be requested; else null. */
function blockingCode(at: DecisionContext, now: string): string | null {
  let furthest: { readonly passed: number; readonly code: string } | null = null;
  for (const purpose of PURPOSES) {
    if (at.policy.purposes[purpose] === undefined) continue;
    const checks = purposeChecks(at, purpose, now);
    const code = firstFailure(checks);
    if (code === undefined) return null;
    const passed = checks.findIndex(({ ok }) => ok !== true);
    if (furthest === null || passed > furthest.passed) furthest = { passed, code };
  }
  return furthest?.code ?? 'purpose_not_allowed';
}
