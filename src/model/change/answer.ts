// The decision on a subject request: what becomes of each recording that it found, or why the request is rejected.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import { eventList } from '../audit-event.ts';
import type { CopiesClause } from '../subject/approved-copies.ts';
import { ACTING } from '../subject/outcome.ts';
import type { RefusalGround, SubjectKind, SubjectMatch, SubjectOutcome } from '../subject/request.ts';
import type { Effect } from './effect.ts';

/**
 * What two people decide. `outcomes` counts them, and `sha256` is of all of them (`outcomesDigest`): the rows that say what
 * becomes of each recording are what was signed, or nothing is done.
 */
export type AnswerBody = {
  readonly v: 1;
  readonly kind: 'answer';
  readonly request: string;
  readonly asked: readonly SubjectKind[];
  readonly outcomes: Readonly<Partial<Record<SubjectOutcome, number>>>;
  readonly sha256: string;
  /** Only of a rejection: no recording has an outcome. */
  readonly refusal?: RefusalGround;
  /** Who makes copies, until when and how often; absent where no recording is copied, and in versions before. */
  readonly copies?: CopiesClause;
};

/** A recording and what becomes of it. */
export type Decided = { readonly recording: string; readonly outcome: SubjectOutcome };

/** SHA-256 in hex of decisions, ascending by recording; a row without an outcome counts as `told`. */
export function outcomesDigest(decided: readonly Pick<SubjectMatch, 'recording' | 'outcome'>[]): string {
  return canonicalDigest(
    [...decided]
      .sort((one, other) => (one.recording < other.recording ? -1 : 1))
      .map(({ recording, outcome }) => [recording, outcome ?? 'told']),
  );
}

/** How many recordings have each outcome. */
export function countOutcomes(decided: readonly Decided[]): AnswerBody['outcomes'] {
  const counts: Partial<Record<SubjectOutcome, number>> = {};
  for (const { outcome } of decided) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** The action that an outcome writes on its recording; null for one that only makes the answer. */
export function actionOf(outcome: SubjectOutcome): 'recording.erasing' | 'recording.amended' | null {
  if (outcome === 'erase') return 'recording.erasing';
  return ACTING.has(outcome) ? 'recording.amended' : null;
}

/** Who makes copies of which recordings. */
export type Copying = { readonly clause: CopiesClause; readonly recordings: readonly string[] };

/**
 * The events of a decision on a request: of a rejection one, else that it begins, one for each recording that it acts on,
 * and the approval of copies.
 */
export function answerEffects(
  request: string,
  decided: readonly Decided[],
  isRefusal: boolean,
  copying: Copying | null = null,
): Effect[] {
  if (isRefusal) return [{ action: 'subject.refused', object: { id: request } }];
  const acts = decided.flatMap(({ recording, outcome }): Effect[] => {
    const action = actionOf(outcome);
    return action === null ? [] : [{ action, object: { id: recording } }];
  });
  const begins: Effect = { action: 'subject.doing', object: { id: request } };
  if (copying === null) return [begins, ...acts];
  const object = { id: request, ...copiesMembers(copying.clause, copying.recordings) };
  return [begins, ...acts, { action: 'subject.copies', object }];
}

/** The members of the event that approves copies of these recordings. */
export function copiesMembers({ officer, hours, downloads }: CopiesClause, recordings: readonly string[]) {
  return { recordings: eventList([...recordings].sort()), officer, hours, downloads } as const;
}

/** The members of the event that says which recordings an outcome was not carried out on. */
export function stayedMembers(recordings: readonly string[], outcome: SubjectOutcome) {
  return { recordings: eventList([...recordings].sort()), instead: actionOf(outcome) ?? 'recording.erasing' } as const;
}
