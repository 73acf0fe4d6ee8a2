// Past requests under another policy: the same checks that decided then, asked again.
import type { AccessRequest } from '../access.ts';
import {
  approvalCheck,
  approverChecks,
  type DecisionContext,
  recordingChecks,
  requestedScopeChecks,
  usesCheck,
} from '../access-checks.ts';
import type { Check } from '../check.ts';
import { type Policy, ruleOf } from '../policy.ts';
import type { Principal } from '../principal.ts';
import type { DeciderTeams } from '../team/deciders.ts';
import { trainingChecks } from '../training.ts';

/** An approval: by whom, with their present teams, and when. */
export type PastApproval = { readonly approver: Principal; readonly teams: DeciderTeams; readonly at: string };

/** A request as it was decided, with the present rows of those who took part. */
export type PastRequest = {
  readonly request: AccessRequest;
  readonly requester: Principal;
  readonly sensitivity: string;
  /** Null where the recording was erased since. */
  readonly basis: DecisionContext['basis'];
  readonly restricted: boolean;
  readonly approvals: readonly PastApproval[];
  /** Sessions opened on its grant. */
  readonly opened: number;
};

/** What another policy makes of a past request: what it denies that was allowed, or allows that was denied. */
export type PastOutcome = { readonly verdict: 'same' | 'denied' | 'allowed'; readonly code: string | null };

/**
 * Compares what two policies say of a past request. Only what the policies decide differs between them: the recording
 * counts as available, everyone as active, and each approval as confirmed by the approver.
 */
export function judgePast(past: PastRequest, from: Policy, to: Policy): PastOutcome {
  const [before, after] = [failuresOf(past, from), failuresOf(past, to)];
  // What fails under both is not the policies' doing: a role that a person lost since.
  const [denied] = [...after].filter(([name]) => !before.has(name));
  const [mended] = [...before].filter(([name]) => !after.has(name));
  if (denied !== undefined && mended === undefined) return { verdict: 'denied', code: denied[1] };
  if (mended !== undefined && denied === undefined) return { verdict: 'allowed', code: mended[1] };
  return { verdict: 'same', code: null };
}

/** The codes of the checks that do not pass, by the name of the check. */
function failuresOf(past: PastRequest, policy: Policy): ReadonlyMap<string, string | null> {
  return new Map(checksOf(past, policy).flatMap(([name, { ok, code }]) => (ok === true ? [] : [[name, code ?? null]])));
}

const SIGNED_IN = { auth: 'sign-in', scopes: [] } as const;
const ONCE = { confirmed: 'proof', decided: false } as const;

/** The checks of the request, of each approval, and of the last session, by name. */
function checksOf(past: PastRequest, policy: Policy): (readonly [string, Check])[] {
  const { request, requester, sensitivity, basis, restricted, approvals, opened } = past;
  const { purpose } = request;
  const context: DecisionContext = {
    tenant: { state: 'ACTIVE' },
    recording: { state: 'AVAILABLE', quarantine: [], sensitivity },
    ...{ basis, restricted, policy, person: requester },
  };
  const named = (group: string, checks: readonly Check[]) =>
    checks.map((one) => [`${group} ${one.check}`, one] as const);
  const expires = new Date(Date.parse(request.created) + policy.requestHours * 3_600_000).toISOString();
  const waiting = { ...request, state: 'REQUESTED' as const, expires };
  const decided = approvals.flatMap(({ approver, teams, at }) => {
    return named(
      approver.id,
      approverChecks(waiting, active(requester), active(approver), SIGNED_IN, policy, at, { ...ONCE, teams }),
    );
  });
  const rule = ruleOf(policy, purpose);
  const needed = Math.max(1, rule?.approvals ?? 1);
  const enough = approvals.length >= needed ? 'APPROVED' : 'REQUESTED';
  const approval = approvalCheck({ given: approvals.length, needed }, enough);
  return [
    ...named('request', [
      ...recordingChecks(context, purpose),
      ...trainingChecks(context, purpose, request.created),
      ...requestedScopeChecks(request, policy),
    ]),
    ...decided,
    ...(request.state === 'APPROVED' ? named('request', [approval]) : []),
    ...(opened > 0 ? named('session', [usesCheck({ usesLeft: policy.uses - (opened - 1) })]) : []),
  ];
}

function active(one: Principal): Principal {
  return { ...one, state: 'ACTIVE' };
}
