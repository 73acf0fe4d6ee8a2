// The ordered checks of a decision on a change: the same list explains to a person why they cannot decide.
import { type Check, check } from '../check.ts';
import type { Caller, Principal } from '../principal.ts';
import { stepUpUntil } from '../sign-in.ts';
import { APPROVERS, type Change, PREVIEW_MS } from './change.ts';

/** The facts of a decision on a change, read at one moment. */
export type ChangeContext = {
  readonly change: Change;
  /** The digest of the versions that are current now. */
  readonly base: string;
  /** When the preview was counted; null where the change has none. */
  readonly previewed: string | null;
  /** The person who decides, with an operator's staff code; null for a person of the tenant. */
  readonly person: Principal;
  readonly operator: string | null;
  /** Whether an active admin of the tenant has a passkey now: then no operator approves. */
  readonly adminConfirms: boolean;
  /** Whether operators sign what their commands propose. */
  readonly operatorsSign: boolean;
  /** Whether the change has a row about this person. */
  readonly ownRow: boolean;
  /** Whether a passkey of this person has signed it. */
  readonly isSigned: boolean;
  readonly by: Pick<Caller, 'auth' | 'signIn'>;
  readonly now: string;
};

/** Whether this person may approve this change now. */
export function approvalChecks(context: ChangeContext): Check[] {
  const { change, base, previewed, by, isSigned, now } = context;
  // Until an operator has had a passkey, a command's proposer is known by staff code alone.
  const isUnsignable = change.byCommand && !context.operatorsSign;
  const fresh = previewed === null || Date.parse(now) - Date.parse(previewed) < PREVIEW_MS;
  return [
    ...openChecks(change, now),
    check('proposer-signed', isSignable(change) && (change.signed !== null || isUnsignable), 'change_unsigned'),
    check('base-current', change.base === base, 'change_stale'),
    check('preview-fresh', fresh, 'preview_stale'),
    ...personChecks(context),
    check('gains-nothing', !context.ownRow, 'grants_to_you'),
    check('step-up', by.auth === 'sign-in' && isSigned, 'step_up_required'),
  ];
}

/** Whether its proposer may sign a change now. */
export function signingChecks(change: Change, now: string): Check[] {
  return [
    ...openChecks(change, now),
    check('not-signed', isSignable(change) && change.signed === null, 'change_signed'),
  ];
}

/** Changes of older versions have no leaf that anyone could sign. */
function isSignable({ leafHash }: Change): boolean {
  return leafHash !== null;
}

/** Whether this person may reject this change now: also one that is stale. */
export function refusalChecks(context: ChangeContext): Check[] {
  return [...openChecks(context.change, context.now), ...personChecks(context), stepUpCheck(context)];
}

function openChecks(change: Change, now: string): Check[] {
  return [
    check('change-open', change.state === 'OPEN', 'change_not_open', { detail: change.state.toLowerCase() }),
    check('change-not-expired', now < change.expires, 'change_expired'),
  ];
}

function personChecks({ change, person, operator, adminConfirms }: ChangeContext): Check[] {
  const own = change.byCommand ? operator === change.proposer : person.id === change.proposer;
  const needed = change.byCommand ? (['admin'] as const) : APPROVERS[change.kind];
  const inTenant = operator === null && person.roles.some((role) => (needed as readonly string[]).includes(role));
  const asOperator = operator !== null && change.byCommand && !adminConfirms;
  return [
    check('another-person', !own, 'own_change'),
    check('person-active', person.state === 'ACTIVE', 'person_off'),
    check('approver-is-person', person.kind === 'person', 'service_never_approves'),
    check('approver-role', inTenant || asOperator, operator === null ? 'role_needed' : 'admin_confirms', {
      detail: needed.join(', '),
    }),
  ];
}

/** A passkey, a few minutes ago: a link is not enough, since the operator who proposed may have created it. */
function stepUpCheck({ by, now }: ChangeContext): Check {
  const { signIn } = by;
  const proven = signIn !== undefined && signIn.authMethod === 'passkey' && now < stepUpUntil(signIn.authTime);
  return check('step-up', by.auth === 'sign-in' && proven, 'step_up_required');
}
