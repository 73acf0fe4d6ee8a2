// An erasure: its reason, what may prevent it, and the row that schedules its passes.
import type { Recording } from './recording.ts';

export const ERASE_REASONS = ['request', 'retention', 'court-order', 'error'] as const;

/** Reasons for an erasure: a data subject's request, the end of retention, a court order, or a recording made in error. */
export type EraseReason = (typeof ERASE_REASONS)[number];

/** Whether a text is a reason for an erasure. */
export function isEraseReason(text: string): text is EraseReason {
  return (ERASE_REASONS as readonly string[]).includes(text);
}

/**
 * Passes over the store: the first deletes the blobs, the second deletes late writes and completes the erasure, the last
 * checks again a day later.
 */
export const PASSES = { first: 0, second: 1, last: 2, done: 3 } as const;

/** An erasure's row. */
export type Erasure = {
  readonly tenant: string;
  readonly recording: string;
  /** Index of the event that began it, in the tenant's log. */
  readonly seq: number;
  /** Blob name that its tombstone list gets, or that its tombstone or list had already. */
  readonly tombstone: string;
  /** Blob name of the tombstone list that has it; null until the store has one. */
  readonly list: string | null;
  readonly begun: string;
  /** The next pass. */
  readonly pass: number;
  /** When that pass is due; null once all are done. */
  readonly due: string | null;
  /** Hours (yyyymmddhh, ascending, with commas) under which the store may have entries of the recording; null for none. */
  readonly hours: string | null;
};

/** The erasures that one event began: how many, and how many of them are not ERASED yet. */
export type ErasingEvent = { readonly seq: number; readonly recordings: number; readonly unfinished: number };

/** An erasure as a change creates it: its index is that of the change's first event. */
export type NewErasure = Omit<Erasure, 'seq'>;

/** One of many in a change: `by` is the id of the event that began it. */
export type BegunErasure = NewErasure & { readonly by?: string };

/**
 * Until when a recording must be kept; null where it can be erased now. Future rules belong here, in this
 * order: legal holds, the statutory minimum, then retention.
 */
export function erasureBlocker({ retainUntil }: Pick<Recording, 'retainUntil'>, now: string): string | null {
  return retainUntil !== null && retainUntil > now ? retainUntil : null;
}
