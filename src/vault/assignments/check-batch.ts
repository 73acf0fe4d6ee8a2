// The check of an assignment before the passkey: per recording whether it can be assigned, and what the policy says.

import { type BatchInput, dueCheck, isAnother, leadsQueue, purposeChecks } from '../../model/assignment-checks.ts';
import { MAX_DUE_DAYS } from '../../model/batch.ts';
import { type Check, check, firstFailure, passes } from '../../model/check.ts';
import { ruleOf } from '../../model/policy.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { recordAccessRead } from '../access/record-access-read.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type AssignmentRows, readAssignmentRows } from './assignment-rows.ts';
import { type Assignment, idsOf, type PlannedAssignment, planAssignment } from './plan.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** An assignment to check: without a reviewer it goes to one of `reviewers`. */
export type AssignmentToCheck = Omit<Assignment, 'reviewer'> & { readonly reviewer: string | null };

/** What to check. Without `due` nothing is said of it. */
export type BatchToCheck = Omit<BatchInput, 'due'> & {
  readonly due: string | null;
  readonly assignments: readonly AssignmentToCheck[];
  readonly reviewers: readonly string[];
};

export type CheckedAssignment = {
  readonly recording: string;
  readonly reviewer: string | null;
  readonly insteadOf: string | null;
  readonly minutes: number | null;
  readonly code: string | null;
};

export type CheckedReviewer = {
  readonly id: string;
  readonly name: string | null;
  readonly calls: number;
  /** Of their calls. */
  readonly minutes: number;
  readonly trainedUntil: string | null;
  readonly code: string | null;
};

export type CheckedBatch = {
  readonly policy: string;
  readonly assignments: readonly CheckedAssignment[];
  readonly reviewers: readonly CheckedReviewer[];
  readonly checks: readonly Check[];
};

/** A recording, with its plan once it has a reviewer. */
type Looked = { readonly one: AssignmentToCheck; readonly plan: PlannedAssignment | null };

/** Checks an assignment. Writes nothing but the count of looks. Throws as `openBatch`, for no passkey aside. */
export async function checkBatch(
  vault: Deps,
  by: Caller,
  { assignments, reviewers, due, ...what }: BatchToCheck,
  request: RequestContext,
): Promise<CheckedBatch> {
  const named = idsOf(assignments);
  const ids = { ...named, reviewers: [...named.reviewers, ...reviewers] };
  const { metadataKey } = await recordAccessRead(vault, by, request);
  const { rows, names } = await vault.db.read(
    async (read) => ({
      rows: await readAssignmentRows(read, metadataKey, by, ids),
      names: await readNames(read, metadataKey, by.tenant, [...new Set(ids.reviewers)]),
    }),
    request,
  );
  const { now } = rows.assigner;
  // Any due that is possible: what is wrong with the one given is said by its own check.
  const batch = { ...what, due: new Date(Date.parse(now) + 3_600_000).toISOString() };
  const planOf = (one: AssignmentToCheck, reviewer: string) =>
    planAssignment(rows, metadataKey, batch, { ...one, reviewer });
  const looked = split(rows, assignments, reviewers, planOf);
  const people = [...new Set(ids.reviewers)].flatMap((id) => rows.people.get(id) ?? []);
  return {
    policy: rows.policy,
    assignments: looked.map(({ one, plan }) => ({
      ...{ recording: one.recording, insteadOf: one.insteadOf, reviewer: plan?.reviewer.id ?? null },
      ...{ minutes: plan?.minutes ?? null, code: plan === null ? null : (firstFailure(plan.checks) ?? null) },
    })),
    reviewers: people.map((person) => reviewerOf(person, names.get(person.id) ?? null, looked)),
    checks: checksOf(rows, { ...what, due }, looked, people),
  };
}

/**
 * By start of the call; those without a reviewer go to the one with the fewest calls who may get it, and who does not get
 * this call already.
 */
function split(
  rows: AssignmentRows,
  assignments: readonly AssignmentToCheck[],
  reviewers: readonly string[],
  planOf: (one: AssignmentToCheck, reviewer: string) => PlannedAssignment,
): Looked[] {
  const startOf = ({ recording }: AssignmentToCheck): string => rows.recordings.get(recording)?.startedAt ?? '';
  const counts = new Map(reviewers.map((id) => [id, 0]));
  const add = (id: string): void => void counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const { reviewer } of assignments) if (reviewer !== null) add(reviewer);
  const named = new Set(assignments.map(({ recording, reviewer }) => `${recording} ${reviewer ?? ''}`));
  return [...assignments]
    .sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1))
    .map((one) => {
      if (one.reviewer !== null) return { one, plan: planOf(one, one.reviewer) };
      const others = reviewers.filter((reviewer) => !named.has(`${one.recording} ${reviewer}`));
      const fewest = others.sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
      const plans = fewest.map((reviewer) => planOf(one, reviewer));
      const plan = plans.find(({ checks }) => passes(checks)) ?? plans[0] ?? null;
      if (plan !== null) add(plan.reviewer.id);
      return { one, plan };
    });
}

function reviewerOf(person: Principal, name: string | null, looked: readonly Looked[]): CheckedReviewer {
  const own = looked.flatMap(({ plan }) => (plan?.reviewer.id === person.id ? [plan] : []));
  const codes = own.map(({ checks }) => firstFailure(checks));
  const failed = own.length > 0 && codes.every((code) => code !== undefined) ? codes[0] : undefined;
  const { id, trainedUntil } = person;
  return { id, name, calls: own.length, minutes: minutesOf(own), trainedUntil, code: failed ?? null };
}

function minutesOf(plans: readonly PlannedAssignment[]): number {
  return Math.ceil(plans.reduce((sum, { recording }) => sum + (recording.durationMs ?? 0), 0) / 60_000);
}

/** Names of the checks whose failure is about the call alone, and about the call and its reviewer. */
const OF_CALL = [
  ...['tenant-active', 'recording-available', 'not-quarantined', 'not-restricted', 'basis-covers-purpose'],
  ...['separate-consent', 'class-allowed', 'objects-allowed'],
];
const OF_REVIEWER =
  'role-fits-purpose reviewer-active reviewer-role reviewer-in-scope other-team not-granted replaceable'.split(' ');

/** The checks as people read them: each over the whole batch; null where they need reviewers or a due. */
function checksOf(
  rows: AssignmentRows,
  { purpose, due }: Pick<BatchToCheck, 'purpose' | 'due' | 'objects'>,
  looked: readonly Looked[],
  people: readonly Principal[],
): Check[] {
  const { policy, maker, now } = rows.assigner;
  const rule = ruleOf(policy, purpose);
  const plans = looked.flatMap(({ plan }) => plan ?? []);
  const over = (name: string, among: readonly string[]): Check => {
    if (plans.length === 0) return check(name, null, '');
    const failed = plans.flatMap(
      ({ checks }) => checks.find((one) => one.ok === false && among.includes(one.check)) ?? [],
    );
    return check(
      name,
      failed.length === 0,
      failed[0]?.code ?? '',
      failed.length === 0 ? undefined : { detail: String(failed.length) },
    );
  };
  const assignable =
    rule === undefined ? [check('assignable', false, 'purpose_not_allowed')] : purposeChecks(policy, purpose);
  const [failed] = assignable.filter(({ ok }) => ok !== true);
  const led = looked.every(({ one }) => {
    const recording = rows.recordings.get(one.recording);
    return recording !== undefined && leadsQueue(rows.assigner, recording);
  });
  return [
    check(
      'assignable',
      failed === undefined,
      failed?.code ?? '',
      failed?.detail === undefined ? undefined : { detail: failed.detail },
    ),
    due === null ? check('due', null, '', { detail: String(MAX_DUE_DAYS) }) : { ...dueCheck(due, now), check: 'due' },
    over('calls-allowed', OF_CALL),
    check('your-queues', led, 'not_your_queue'),
    over('reviewers-allowed', OF_REVIEWER),
    trainingOf(people, plans, rule?.training === true),
    people.length === 0
      ? check('maker-no-reviewer', null, '')
      : check(
          'maker-no-reviewer',
          people.every((one) => isAnother(maker, one)),
          'grants_to_you',
        ),
    limitsOf(rows, plans, due),
    check('clock', true, '', { detail: String(rule?.longestMinutes ?? '') }),
  ];
}

function trainingOf(people: readonly Principal[], plans: readonly PlannedAssignment[], required: boolean): Check {
  if (!required) return check('training', true, '');
  if (people.length === 0) return check('training', null, '');
  const failed = plans.flatMap(({ checks }) => checks.find((one) => one.check === 'trained' && one.ok === false) ?? []);
  const [earliest] = people.flatMap(({ trainedUntil }) => trainedUntil ?? []).sort();
  return check(
    'training',
    failed.length === 0,
    failed[0]?.code ?? '',
    earliest === undefined ? undefined : { detail: earliest },
  );
}

const DAY_MS = 86_400_000;

/** Whether the days until the due have room for the list: advice, since a day's limits hold at each listen. */
function limitsOf({ assigner }: AssignmentRows, plans: readonly PlannedAssignment[], due: string | null): Check {
  const { sessions, minutes } = assigner.policy.perDay ?? {};
  const detail = `${sessions ?? '-'}, ${minutes ?? '-'}`;
  if (plans.length === 0) return check('daily-limits', null, '', { detail });
  const days = due === null ? 1 : Math.max(1, Math.ceil((Date.parse(due) - Date.parse(assigner.now)) / DAY_MS));
  const people = new Set(plans.map(({ reviewer }) => reviewer.id));
  const own = [...people].map((id) => plans.filter(({ reviewer }) => reviewer.id === id));
  if (sessions !== undefined && own.some((list) => list.length > sessions * days))
    return check('daily-limits', false, 'daily_sessions', { detail });
  const tooLong = minutes !== undefined && own.some((list) => minutesOf(list) > minutes * days);
  return check('daily-limits', !tooLong, 'daily_minutes', { detail });
}
