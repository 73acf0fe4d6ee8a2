// An erasure: why a recording goes, what may keep it, and the row that says what is still to be done for it.
import type { Recording } from './recording.ts';

export const ERASE_REASONS = ['request', 'retention', 'court-order', 'error'] as const;

/** Why a recording is erased: somebody's request, its time being over, a court, or because it should never have been there. */
export type EraseReason = (typeof ERASE_REASONS)[number];

/** Whether a text is a reason to erase. */
export function isEraseReason(text: string): text is EraseReason {
  return (ERASE_REASONS as readonly string[]).includes(text);
}

/**
 * Passes over the store: the first deletes what is there, the second what came late, and ends the erasure; the last
 * looks once more, a day later.
 */
export const PASSES = { first: 0, second: 1, last: 2 } as const;

/** An erasure's row. */
export type Erasure = {
  readonly tenant: string;
  readonly recording: string;
  /** Index, in the tenant's log, of the event that began it. */
  readonly seq: number;
  /** Blob name of its tombstone. */
  readonly tombstone: string;
  readonly begun: string;
  /** The pass that comes next. */
  readonly pass: number;
  /** When that pass is due; null once there is nothing left to do. */
  readonly due: string | null;
};

/** As a change names it: its index is that of the change's first event. */
export type NewErasure = Omit<Erasure, 'seq'>;

/**
 * What keeps a recording from being erased now, in words; null where nothing does. The one place for this rule: legal
 * holds and the statutory minimum come before the retention that stands here.
 */
export function erasureBlocker({ retainUntil }: Pick<Recording, 'retainUntil'>, now: string): string | null {
  return retainUntil !== null && retainUntil > now ? `it is kept until ${retainUntil} by its retention` : null;
}
