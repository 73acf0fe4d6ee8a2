// Draft of an assignment: who, why, until when.
import { serverNow } from '../../api/server-clock.ts';
import type { Policy } from '../../api/types.ts';
import { nextFriday, timeAt } from '../../i18n/days.ts';
import type { ToAssign } from '../../state/to-assign.ts';
import type { Rule } from '../ask/request-draft.ts';
import type { WantedBatch } from './queries.ts';
import type { CheckedBatch } from './types.ts';

/** The service accepts reasons of this length. */
export const LEAST_REASON = 3;
export const MOST_REASON = 500;

export type AssignDraft = {
  readonly reviewers: readonly string[];
  readonly purpose: string;
  readonly objects: readonly string[];
  /** Wall-clock time in the tenant's zone, as its field has it; empty while it is no time. */
  readonly due: string;
  readonly reason: string;
};

/** Rules of the purposes that one person can assign calls to reviewers for. */
export function assignableRules({ purposes }: Pick<Policy, 'purposes'>): readonly Rule[] {
  return purposes.filter(
    ({ assignable, approvals, roles }) => assignable && approvals === 1 && roles.includes('reviewer'),
  );
}

/**
 * Creates a draft, due on the next Friday. `before`: what the calls were assigned for, kept as far as these rules still
 * allow its purpose.
 */
export function newAssignDraft(
  first: Rule,
  rules: readonly Rule[],
  before: ToAssign['before'],
  zone: string,
): AssignDraft {
  const isOffered = before !== null && rules.some(({ purpose }) => purpose === before.purpose);
  const { purpose, objects } = isOffered ? before : first;
  return { reviewers: [], purpose, objects, due: nextFriday(serverNow(), zone), reason: before?.reason ?? '' };
}

/** The due time of a draft; null while it has none. */
export function dueOf({ due }: Pick<AssignDraft, 'due'>, zone: string): string | null {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(due) ? timeAt(due, zone) : null;
}

/** The batch that is checked for a draft. */
export function wantedBatch(calls: WantedBatch['grants'], draft: AssignDraft, zone: string): WantedBatch {
  const { reviewers, purpose, objects } = draft;
  const due = dueOf(draft, zone);
  return { grants: calls, reviewers, purpose, objects, ...(due === null ? {} : { due }) };
}

/** Calls of a checked batch that can be assigned, with who gets each. */
export function assignableCalls(checked: CheckedBatch) {
  return checked.grants.flatMap(({ recording, reviewer, code, instead_of: before }) =>
    reviewer === null || code !== null
      ? []
      : [{ recording, reviewer, ...(before === null ? {} : { instead_of: before }) }],
  );
}

/** Checks that keep the whole batch from being assigned; the others are about some of its calls, or only advice. */
const ABOUT_ALL: readonly string[] = ['assignable', 'due', 'maker-no-reviewer'];

/** Whether a check prevents the batch. */
export function preventsAll({ checks }: Pick<CheckedBatch, 'checks'>): boolean {
  return checks.some(({ check, ok }) => ok === false && ABOUT_ALL.includes(check));
}

/** Whether the reason can be sent. */
export function isReasonComplete({ reason }: Pick<AssignDraft, 'reason'>): boolean {
  const { length } = reason.trim();
  return length >= LEAST_REASON && length <= MOST_REASON;
}
