// The policy decision: an ordered list of checks. The same list explains to a person why they cannot listen.
import type { AccessRequest, Grant } from './access.ts';
import { type Basis, consentFault, isWithdrawnFor, needsNoConsent } from './basis.ts';
import { type Approvals, type Check, check, passes } from './check.ts';
import type { Policy, PurposeRule, RequestableObject } from './policy.ts';
import { RECORDING_CLASSES, ruleOf } from './policy.ts';
import { approverSince, type Caller, humansOf, type PresentedSignIn, type Principal } from './principal.ts';
import { quarantineAllows, type Recording } from './recording.ts';
import { stepUpUntil } from './sign-in.ts';
import { type DeciderTeams, teamChecks } from './team/deciders.ts';
import type { Tenant } from './tenant.ts';

/** What a person asks for. */
export type AccessRequestInput = {
  readonly purpose: string;
  readonly objects: readonly string[];
  readonly minutes: number;
};

/** The facts of one decision, read at one moment. */
export type DecisionContext = {
  readonly tenant: Pick<Tenant, 'state'>;
  readonly recording: Pick<Recording, 'state' | 'quarantine' | 'sensitivity'>;
  readonly basis: Basis | null;
  /** Whether the facts say that the recording is restricted. */
  readonly restricted: boolean;
  readonly policy: Policy;
  /** The person who would listen. */
  readonly person: Pick<Principal, 'roles' | 'trainedUntil'>;
};

/** What decisions read of a recording's facts; null: it is erased. */
export function decidingFacts(
  facts: { readonly basis: Basis; readonly restricted?: unknown; readonly asked?: unknown } | null,
): Pick<DecisionContext, 'basis' | 'restricted'> {
  // What the subject asked to be erased is only stored until nothing keeps it (PIPL Art. 47).
  return { basis: facts?.basis ?? null, restricted: facts?.restricted !== undefined || facts?.asked !== undefined };
}

/** Checks of the recording, shared by every decision: it exists, can be listened to, and its basis covers the purpose. */
export function recordingChecks(at: DecisionContext, purpose: string): Check[] {
  const { tenant, recording, restricted, policy, person } = at;
  const { roles } = person;
  const rule = ruleOf(policy, purpose);
  const isNarrow = needsNoConsent(purpose);
  const suspended = tenant.state !== 'ACTIVE';
  const classes: readonly string[] = rule?.classes ?? RECORDING_CLASSES;
  return [
    check('tenant-active', !suspended, 'tenant_suspended'),
    check('recording-available', recording.state === 'AVAILABLE', 'recording_not_available'),
    check('not-quarantined', quarantineAllows(recording.quarantine, roles), 'quarantined'),
    ...(restricted ? [check('not-restricted', isNarrow, 'restricted')] : []),
    check('purpose-known', rule !== undefined, 'purpose_not_allowed'),
    check('role-fits-purpose', rule?.roles.some((role) => roles.includes(role)) ?? null, 'role_not_allowed'),
    ...basisChecks(at, rule, purpose),
    // A rule for recordings of every class has nothing to explain.
    ...(classes.length === RECORDING_CLASSES.length
      ? []
      : [check('class-allowed', classes.includes(recording.sensitivity), 'class_not_allowed')]),
  ];
}

/**
 * Whether the basis covers the purpose. Where that is consent, it counts as the policy asks for it, until it is withdrawn,
 * and of sensitive recordings only separate consent does (PIPL Art. 29).
 */
function basisChecks({ basis, recording }: DecisionContext, rule: PurposeRule | undefined, purpose: string): Check[] {
  const covers = rule && basis ? rule.bases.includes(basis.kind) : null;
  const counts = basis !== null && covers === true;
  const withdrawn = counts && isWithdrawnFor(basis, purpose) ? 'consent_withdrawn' : null;
  const fault = withdrawn ?? (counts ? consentFault(basis, rule?.consent ?? 'any') : null);
  const covered =
    fault === null
      ? check('basis-covers-purpose', covers, 'basis_insufficient')
      : check('basis-covers-purpose', false, fault);
  const asksForSeparate =
    basis?.kind === 'consent' && recording.sensitivity === 'sensitive' && !needsNoConsent(purpose);
  return asksForSeparate
    ? [covered, check('separate-consent', basis.separate === true, 'separate_consent_missing')]
    : [covered];
}

/** Whether a request stays within its purpose's rule. */
export function requestedScopeChecks(wish: AccessRequestInput, policy: Policy): Check[] {
  const rule = ruleOf(policy, wish.purpose);
  const objects =
    rule && wish.objects.length > 0 && wish.objects.every((name) => rule.objects.includes(name as RequestableObject));
  return [
    check('objects-allowed', objects ?? null, 'objects_not_allowed'),
    check('not-too-long', rule ? wish.minutes >= 1 && wish.minutes <= rule.longestMinutes : null, 'too_long', {
      ...(rule === undefined ? {} : { detail: String(rule.longestMinutes) }),
    }),
  ];
}

/** How a person in the browser confirmed a decision: a passkey signed it; or, of a first person without one, their link. */
export type Confirmation = 'proof' | 'link' | null;

/**
 * How a decision was confirmed, whether this approver has decided on the request before, and their teams; null where the
 * policy does not ask for these.
 */
export type Deciding = {
  readonly confirmed: Confirmation;
  readonly decided: boolean;
  readonly teams: DeciderTeams | null;
};

/**
 * Until when a person named with the tenant may decide by the link that they signed in with, as long as they have no
 * passkey; null for others.
 */
export function linkDecidesUntil(
  { first }: Pick<Principal, 'first'>,
  signIn: PresentedSignIn | undefined,
): string | null {
  return first && signIn?.authMethod === 'link' ? stepUpUntil(signIn.authTime) : null;
}

/** Whether this approver may decide on this request now. Compares identities, including the owners of services. */
export function approverChecks(
  request: AccessRequest,
  requester: Principal,
  approver: Principal,
  by: Pick<Caller, 'auth' | 'scopes'>,
  policy: Policy,
  now: string,
  { confirmed, decided, teams }: Deciding,
): Check[] {
  return [
    check('request-open', request.state === 'REQUESTED', 'request_not_open', { detail: request.state.toLowerCase() }),
    check('request-not-expired', now < request.expires, 'request_expired'),
    check('not-decided-before', request.state === 'REQUESTED' ? !decided : null, 'decided_before'),
    ...personChecks(requester, approver, policy, now),
    ...teamChecks(request, policy, teams, now),
    confirmationCheck(by, policy, confirmed),
  ];
}

/** Whether the approver confirmed the decision. A program's API key counts where the policy allows it. */
export function confirmationCheck(by: Pick<Caller, 'auth' | 'scopes'>, policy: Policy, confirmed: Confirmation): Check {
  if (by.auth === 'sign-in') return check('proof', confirmed !== null, 'proof_required');
  if (!policy.apiKeyDecisions) return check('step-up', false, 'api_key_decisions_off');
  return check('step-up', by.scopes.includes('decide'), 'step_up_required');
}

/** Whether an approver could decide on a request of this requester, once they confirm; shown before the decision. */
export function mayDecide(
  request: Pick<AccessRequest, 'created' | 'purpose'>,
  requester: Principal,
  approver: Principal,
  policy: Policy,
  now: string,
  teams: DeciderTeams | null,
): boolean {
  const checks = [...personChecks(requester, approver, policy, now), ...teamChecks(request, policy, teams, now)];
  return approver.state === 'ACTIVE' && passes(checks);
}

/** Whether the approver is another person, not a service, with an account that is old enough. */
function personChecks(requester: Principal, approver: Principal, policy: Policy, now: string): Check[] {
  const humans = humansOf(requester);
  const other = humansOf(approver).every((human) => !humans.includes(human));
  const since = approverSince(approver);
  const age = since === null ? Number.POSITIVE_INFINITY : (Date.parse(now) - Date.parse(since)) / 3_600_000;
  return [
    check('another-person', approver.id !== requester.id && other, 'own_request'),
    check('requester-active', requester.state === 'ACTIVE', 'person_off'),
    check('approver-is-person', approver.kind === 'person', 'service_never_approves'),
    check('approver-role', approver.roles.includes('supervisor'), 'role_not_allowed'),
    check('approver-old-enough', age >= policy.approverAgeHours, 'account_too_young', {
      detail: String(policy.approverAgeHours),
    }),
  ];
}

/** Whether a grant is live for this person; required to open a session and for every piece. */
export function grantChecks(
  grant: Pick<Grant, 'state' | 'expires' | 'person'>,
  person: Pick<Principal, 'id' | 'state' | 'roles'>,
  now: string,
): Check[] {
  // A consumed grant opens no new session, but its open sessions continue.
  const live = grant.state === 'APPROVED' || grant.state === 'CONSUMED';
  return [
    check('own-grant', grant.person === person.id, 'not_your_grant'),
    check('person-active', person.state === 'ACTIVE', 'person_off'),
    check('grant-live', live, `grant_${grant.state.toLowerCase()}`),
    check('grant-not-expired', now < grant.expires, 'grant_expired'),
  ];
}

const UNAPPROVED = {
  REQUESTED: 'approval_pending',
  DENIED: 'denied',
  CANCELLED: 'cancelled',
  EXPIRED: 'request_expired',
} as const;

/** The check of approvals; `state` is the request's, null if there is no request. */
export function approvalCheck(approvals: Approvals, state: AccessRequest['state'] | null): Check {
  if (state === null) return check('approval', false, 'approval_required', { approvals });
  if (state === 'APPROVED') return check('approval', true, '', { approvals });
  return check('approval', false, UNAPPROVED[state], { approvals });
}

/** Whether the grant may open another session. */
export function usesCheck(grant: Pick<Grant, 'usesLeft'>): Check {
  return check('uses-left', grant.usesLeft > 0, 'grant_consumed');
}
