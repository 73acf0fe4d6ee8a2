// What can become of a recording of a request: outcomes that can be chosen, counts, and rows grouped by outcome.
import type { Counts, Kind, Outcome, SubjectRecording, SubjectRequest } from './types.ts';

/** In the order in which they are read. */
export const OUTCOMES: readonly Outcome[] = ['erase', 'later', 'held', 'rectify', 'restrict', 'copy', 'told'];

/** Outcomes that the person chose, by recording; the others have the suggested ones. */
export type Chosen = ReadonlyMap<string, Outcome>;

/** What is suggested; a recording that was erased meanwhile is only described. */
function suggestedOf({ suggested }: SubjectRecording): Outcome {
  return suggested ?? 'told';
}

/** The outcome of a row: the decided one where it is done or can no longer be chosen, else the chosen or the suggested one. */
export function outcomeOf(row: SubjectRecording, chosen: Chosen, isOpen: boolean): Outcome {
  if (!isOpen || row.done !== null) return row.outcome ?? suggestedOf(row);
  return chosen.get(row.recording) ?? suggestedOf(row);
}

/** Rows whose outcome a hold or a law does not allow now: what keeps them may have come since it was chosen. */
export function impossibleOf(rows: readonly SubjectRecording[], chosen: Chosen): readonly SubjectRecording[] {
  return rows.filter((row) => row.done === null && !row.possible.includes(outcomeOf(row, chosen, true)));
}

/** Whether what was decided erases a row, and the last copies are still being deleted. */
export function isBeingErased({ outcome, state }: Pick<SubjectRecording, 'outcome' | 'state'>): boolean {
  return outcome === 'erase' && state === 'erasing';
}

export type Group = { readonly outcome: Outcome; readonly rows: readonly SubjectRecording[] };

/** Rows by outcome, newest call first; outcomes without a row are left out. */
export function groupsOf(
  rows: readonly SubjectRecording[],
  outcome: (row: SubjectRecording) => Outcome,
): readonly Group[] {
  const newestFirst = [...rows].sort((a, b) => (b.began ?? '').localeCompare(a.began ?? ''));
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
  return rows.flatMap(({ recording, suggested, done }) => {
    const outcome = done === null ? chosen.get(recording) : undefined;
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

/** How many rows have each outcome. */
export function countsOf(rows: readonly SubjectRecording[], outcome: (row: SubjectRecording) => Outcome): Counts {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const row of rows) counts[outcome(row)] = (counts[outcome(row)] ?? 0) + 1;
  return counts;
}
