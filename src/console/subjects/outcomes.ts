// What can become of a recording of a request: outcomes that can be chosen, counts, and rows grouped by outcome.
import type { Kind, Outcome, SubjectRecording, SubjectRequest } from './types.ts';

/** In the order in which they are read. */
export const OUTCOMES: readonly Outcome[] = ['erase', 'later', 'held', 'rectify', 'restrict', 'copy', 'told'];

/** Outcomes that other people decided on, by recording; the others have the suggested ones. */
export type Chosen = ReadonlyMap<string, Outcome>;

const ERASING: readonly Kind[] = ['erase', 'withdraw', 'object'];

type Facts = Pick<SubjectRecording, 'holds' | 'restricted' | 'keep_until' | 'suggested'>;

/** Whether a recording can have an outcome; the service checks it again, and more. */
export function isPossible(outcome: Outcome, kinds: readonly Kind[], facts: Facts, now: number): boolean {
  const { holds, restricted, suggested, keep_until: until } = facts;
  const erases = kinds.some((kind) => ERASING.includes(kind));
  const isKept = until !== null && Date.parse(until) > now;
  const rules: Record<Outcome, boolean> = {
    erase: erases && holds.length === 0 && !restricted && !isKept,
    later: erases && isKept,
    held: erases && holds.length > 0,
    rectify: suggested === 'rectify',
    restrict: !restricted,
    copy: kinds.includes('access'),
    told: true,
  };
  return rules[outcome];
}

/** The outcomes that a person can choose for a recording. */
export function possibleOutcomes(kinds: readonly Kind[], facts: Facts, now: number): readonly Outcome[] {
  return OUTCOMES.filter((outcome) => isPossible(outcome, kinds, facts, now));
}

/** The outcome of a row: the decided one where it can no longer be chosen, else the chosen or the suggested one. */
export function outcomeOf(row: SubjectRecording, chosen: Chosen, isOpen: boolean): Outcome {
  if (!isOpen) return row.outcome ?? row.suggested;
  return chosen.get(row.recording) ?? row.suggested;
}

export type Group = { readonly outcome: Outcome; readonly rows: readonly SubjectRecording[] };

/** Rows by outcome, newest call first; outcomes without a row are left out. */
export function groupsOf(
  rows: readonly SubjectRecording[],
  outcome: (row: SubjectRecording) => Outcome,
): readonly Group[] {
  const newestFirst = [...rows].sort((a, b) => b.began.localeCompare(a.began));
  return OUTCOMES.map((one) => ({ outcome: one, rows: newestFirst.filter((row) => outcome(row) === one) })).filter(
    (group) => group.rows.length > 0,
  );
}

/** Rows that a group shows at first, and how many more each further step shows. */
export const FIRST_ROWS = 3;
const STEP_ROWS = 50;

/** How many rows a group shows next: a last single row is not left out. */
export function nextShown(shown: number, all: number): number {
  return all - shown <= STEP_ROWS ? all : shown + STEP_ROWS;
}

/** Outcomes to send: those that differ from what is suggested. */
export function sentOutcomes(
  rows: readonly SubjectRecording[],
  chosen: Chosen,
): readonly { readonly recording: string; readonly outcome: Outcome }[] {
  return rows.flatMap(({ recording, suggested }) => {
    const outcome = chosen.get(recording);
    return outcome === undefined || outcome === suggested ? [] : [{ recording, outcome }];
  });
}

/** The kinds of a request, as its heading names them: the one that changes most first. */
export function headingKinds({ kinds }: Pick<SubjectRequest, 'kinds'>): readonly Kind[] {
  const order: readonly Kind[] = ['erase', 'rectify', 'restrict', 'object', 'withdraw', 'access'];
  const named = order.filter((kind) => kinds.includes(kind));
  // Consent ends on receipt, and the line below says so: only a request for nothing else is named after it.
  const rest = named.filter((kind) => kind !== 'withdraw');
  return rest.length === 0 ? named : rest;
}

export type Counts = Readonly<Record<Outcome, number>>;

/** How many rows have each outcome. */
export function countsOf(rows: readonly SubjectRecording[], outcome: (row: SubjectRecording) => Outcome): Counts {
  const counts = { erase: 0, later: 0, held: 0, rectify: 0, restrict: 0, copy: 0, told: 0 };
  for (const row of rows) counts[outcome(row)] += 1;
  return counts;
}
