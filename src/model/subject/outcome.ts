// What can become of a recording of a request: a suggestion from what was asked, and what stands against an outcome.
import type { Basis } from '../basis.ts';
import type { RestrictionGround } from '../facts.ts';
import type { SubjectKind, SubjectOutcome } from './request.ts';

/** What of a recording decides about its outcome. */
export type OutcomeFacts = {
  readonly basis: Pick<Basis, 'kind'>;
  /** Holds that keep it, other than this request. */
  readonly holds: number;
  /** Whether two people must lift a restriction before it can be erased. */
  readonly restricted: boolean;
  /** Whether it is erased once nothing keeps it: an earlier request asked for that. */
  readonly asked: boolean;
  /** Whether what is stored of it is damaged: its facts cannot change before an operator has looked at it. */
  readonly damaged: boolean;
  /** Until when the law or the tenant's rules keep it; null: they do not. */
  readonly keepUntil: string | null;
  /** Whether a person corrected its facts since the request came. */
  readonly corrected: boolean;
};

/** Why a recording cannot have an outcome. */
export type OutcomeBlocker =
  | 'held'
  | 'restricted'
  | 'kept-by-rules'
  | 'not-held'
  | 'not-kept'
  | 'not-corrected'
  | 'not-asked'
  | 'restricted-already'
  | 'asked-already'
  | 'damaged';

/** The outcome that what was asked leads to: of an erasure, whether a hold or the law keeps the recording for now. */
export function suggestedOutcome(
  asked: { readonly kinds: readonly SubjectKind[]; readonly copies: boolean },
  facts: OutcomeFacts,
  now: string,
): SubjectOutcome {
  const { kinds, copies } = asked;
  const erases = kinds.includes('erase') || (kinds.includes('withdraw') && facts.basis.kind === 'consent');
  const waits = waitsFor(facts, now);
  const canNarrow = !facts.asked && !facts.damaged;
  if (erases && waits !== null && canNarrow) return waits;
  if (erases && waits === null && !facts.restricted) return 'erase';
  if (kinds.includes('rectify') && facts.corrected) return 'rectify';
  const narrows = kinds.some((kind) => kind === 'restrict' || kind === 'object' || kind === 'rectify');
  if (narrows && !facts.restricted && canNarrow) return 'restrict';
  return copies && kinds.includes('access') ? 'copy' : 'told';
}

/** What stands against an outcome now; null: nothing does. */
export function outcomeBlocker(
  outcome: SubjectOutcome,
  { kinds }: { readonly kinds: readonly SubjectKind[] },
  facts: OutcomeFacts,
  now: string,
): OutcomeBlocker | null {
  switch (outcome) {
    case 'erase':
      if (!kinds.some((kind) => ERASING.has(kind))) return 'not-asked';
      if (facts.holds > 0) return 'held';
      if (facts.restricted) return 'restricted';
      return isKept(facts, now) ? 'kept-by-rules' : null;
    case 'later':
      if (!kinds.some((kind) => ERASING.has(kind))) return 'not-asked';
      if (!isKept(facts, now)) return 'not-kept';
      return narrowBlocker(facts);
    case 'held':
      if (!kinds.some((kind) => ERASING.has(kind))) return 'not-asked';
      if (facts.holds === 0) return 'not-held';
      return narrowBlocker(facts);
    case 'rectify':
      return facts.corrected ? null : 'not-corrected';
    case 'restrict':
      return facts.restricted ? 'restricted-already' : narrowBlocker(facts);
    case 'copy':
      return kinds.includes('access') ? null : 'not-asked';
    case 'told':
      return null;
  }
}

/** Who objects may have the recordings erased (GDPR Art. 17(1)(c)), and who withdraws consent too (Art. 17(1)(b)). */
const ERASING: ReadonlySet<SubjectKind> = new Set(['erase', 'withdraw', 'object'] as const);

function waitsFor(facts: OutcomeFacts, now: string): 'held' | 'later' | null {
  if (facts.holds > 0) return 'held';
  return isKept(facts, now) ? 'later' : null;
}

/** What stands against an entry of the recording's stream that restricts it, or asks for it to be erased. */
function narrowBlocker({ asked, damaged }: OutcomeFacts): OutcomeBlocker | null {
  if (asked) return 'asked-already';
  return damaged ? 'damaged' : null;
}

function isKept({ keepUntil }: OutcomeFacts, now: string): boolean {
  return keepUntil !== null && keepUntil > now;
}

/** The ground that a restriction has, by what was asked (GDPR Art. 18(1)). */
export function groundOf(kinds: readonly SubjectKind[]): RestrictionGround {
  if (kinds.includes('object')) return 'objection';
  return kinds.includes('rectify') ? 'accuracy' : 'claims';
}

/** Outcomes that change a recording, or erase it; the others only make the answer. */
export const ACTING: ReadonlySet<SubjectOutcome> = new Set(['erase', 'later', 'held', 'restrict'] as const);
