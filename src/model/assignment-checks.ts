// Whether a supervisor may assign a recording to a reviewer: ordered checks, the same before the passkey and with it.
import type { Grant } from './access.ts';
import { recordingChecks, requestedScopeChecks } from './access-checks.ts';
import type { Basis } from './basis.ts';
import { assignedMinutes, MAX_DUE_DAYS } from './batch.ts';
import { type Check, check } from './check.ts';
import { type Policy, ruleOf } from './policy.ts';
import { approverSince, humansOf, type Principal } from './principal.ts';
import type { Recording } from './recording.ts';
import { deciderTeams } from './team/deciders.ts';
import { hasQueue, scopeOfTeams } from './team/scope.ts';
import type { TeamsWithParts } from './team/team.ts';
import type { Tenant } from './tenant.ts';
import { trainingChecks } from './training.ts';

const DAY_MS = 86_400_000;

/** What is assigned, the same for all recordings of a batch. */
export type BatchInput = { readonly purpose: string; readonly objects: readonly string[]; readonly due: string };

/** Who assigns, under which policy and teams, and when. */
export type Assigner = {
  readonly tenant: Pick<Tenant, 'state'>;
  readonly policy: Policy;
  readonly maker: Principal;
  /** All teams of the tenant. */
  readonly teams: TeamsWithParts;
  readonly now: string;
};

/** One recording with its reviewer. `live`: the reviewer has a live grant for it and this purpose. */
export type AssignmentPair = {
  readonly recording: Recording;
  readonly basis: Basis | null;
  readonly restricted: boolean;
  readonly reviewer: Principal;
  readonly live: boolean;
  /** The grant that the assignment replaces; null for none. */
  readonly replaced: Grant | null;
};

/** Whether a purpose can be assigned by one person. */
export function purposeChecks(policy: Policy, purpose: string): Check[] {
  const rule = ruleOf(policy, purpose);
  return [
    check('assignable', rule?.assignable ?? null, 'not_assignable'),
    check('one-approval', rule ? rule.approvals <= 1 : null, 'more_approvals', {
      ...(rule === undefined ? {} : { detail: String(rule.approvals) }),
    }),
  ];
}

/** Whether a due lies ahead, and not too far. */
export function dueCheck(due: string, now: string): Check {
  const ahead = Date.parse(due) - Date.parse(now);
  const detail = String(MAX_DUE_DAYS);
  return check('due-in-range', ahead > 0 && ahead <= MAX_DUE_DAYS * DAY_MS, 'due_out_of_range', { detail });
}

/** Whether the maker leads a team with the recording's queue; anyone does in a tenant without teams. */
export function leadsQueue({ teams, maker }: Assigner, recording: Pick<Recording, 'queue'>): boolean {
  if (!teams.teams.some(({ state }) => state === 'ACTIVE')) return true;
  return deciderTeams(teams, maker.id, [], recording.queue).leads;
}

/** Whether maker and reviewer are different people, under every identity. */
export function isAnother(maker: Principal, reviewer: Principal): boolean {
  const humans = humansOf(reviewer);
  return maker.id !== reviewer.id && humansOf(maker).every((human) => !humans.includes(human));
}

/** All checks of one recording with its reviewer. */
export function assignmentChecks(by: Assigner, batch: BatchInput, pair: AssignmentPair): Check[] {
  const { tenant, policy, maker, teams, now } = by;
  const { recording, basis, restricted, reviewer, live, replaced } = pair;
  const { purpose } = batch;
  const rule = ruleOf(policy, purpose);
  const shares = deciderTeams(teams, maker.id, humansOf(reviewer), recording.queue).shares;
  const sees = policy.scope === 'all' || hasQueue(scopeOfTeams(reviewer.id, teams), recording);
  const minutes = assignedMinutes(recording.durationMs, rule?.longestMinutes ?? 1);
  const since = approverSince(maker);
  const age = since === null ? Number.POSITIVE_INFINITY : (Date.parse(now) - Date.parse(since)) / 3_600_000;
  return [
    check('maker-is-another', isAnother(maker, reviewer), 'grants_to_you'),
    ...recordingChecks({ tenant, recording, basis, restricted, policy, person: reviewer }, purpose),
    ...trainingChecks({ policy, person: reviewer }, purpose, now),
    ...purposeChecks(policy, purpose),
    ...requestedScopeChecks({ purpose, objects: batch.objects, minutes }, policy),
    dueCheck(batch.due, now),
    check('reviewer-active', reviewer.state === 'ACTIVE', 'person_off'),
    check('reviewer-role', reviewer.kind === 'person' && reviewer.roles.includes('reviewer'), 'role_not_allowed'),
    check('reviewer-in-scope', sees, 'outside_scope'),
    check('maker-leads-queue', leadsQueue(by, recording), 'not_your_queue'),
    ...(rule?.otherTeam === true ? [check('other-team', !shares, 'same_team')] : []),
    check('approver-is-person', maker.kind === 'person', 'service_never_approves'),
    check('approver-role', maker.roles.includes('supervisor'), 'role_not_allowed'),
    check('approver-old-enough', age >= policy.approverAgeHours, 'account_too_young', {
      detail: String(policy.approverAgeHours),
    }),
    check('not-granted', !live, 'already_granted'),
    ...(replaced === null ? [] : [check('replaceable', isReplaceable(replaced), 'not_replaceable')]),
  ];
}

/** Whether another assignment can take the place of this grant: it was assigned, and is neither done nor revoked. */
function isReplaceable({ batch, state }: Grant): boolean {
  return batch !== null && state !== 'DONE' && state !== 'REVOKED';
}
