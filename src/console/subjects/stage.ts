// What comes next with a subject request, and how long there is until its answer is due.
import type { SubjectRequest } from './types.ts';

/** What comes next; of an ended request, how it ended. */
export type Stage =
  | 'identity'
  | 'search'
  | 'decide'
  | 'sign'
  | 'approval'
  | 'again'
  | 'doing'
  | 'rest'
  | 'send'
  | 'answered'
  | 'refused';

type Looked = Pick<SubjectRequest, 'state' | 'identity' | 'change' | 'recordings'>;

/** What comes next with a request. */
export function stageOf({ state, identity, change, recordings }: Looked): Stage {
  switch (state) {
    case 'open':
      return identity === null ? 'identity' : 'search';
    case 'searched':
      return 'decide';
    case 'proposed':
      if (change === null || ['refused', 'withdrawn', 'expired'].includes(change.state)) return 'again';
      return change.state === 'open' && change.signed === null ? 'sign' : 'approval';
    case 'doing':
      if (change?.state !== 'applied') return 'doing';
      // What came after the approval keeps some from what was decided: they are decided again.
      return recordings.done < recordings.found ? 'rest' : 'send';
    case 'answered':
    case 'refused':
      return state;
  }
}

/** Whether outcomes can be decided: nothing waits for an approval, or is being done. */
export function isToDecide(request: Looked): boolean {
  return ['decide', 'again', 'rest'].includes(stageOf(request));
}

const DAY_MS = 86_400_000;
/** Requests that are due this soon are urgent, in days. */
const SOON = 7;

export type Due = { readonly days: number; readonly tone: 'plain' | 'soon' | 'overdue' };

/** The days from one calendar day to another, such as `2026-12-12`: negative where it is before. */
export function dueIn(dueDay: string, today: string): Due {
  const days = Math.round((Date.parse(dueDay) - Date.parse(today)) / DAY_MS);
  return { days, tone: days < 0 ? 'overdue' : days <= SOON ? 'soon' : 'plain' };
}

export const STEPS = ['received', 'identity', 'search', 'decision', 'answer'] as const;
export type Step = (typeof STEPS)[number];

/** How many of the steps are done; the one after them is next. */
export function stepsDone(request: Looked): number {
  const { state, identity } = request;
  if (state === 'open') return identity === null ? 1 : 2;
  if (state === 'searched' || state === 'proposed' || stageOf(request) === 'rest') return 3;
  return state === 'doing' ? 4 : STEPS.length;
}
