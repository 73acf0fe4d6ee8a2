// Batches: recordings assigned to reviewers, and the state of each assigned grant as a piece of work.
import type { Grant } from './access.ts';

export type BatchState = 'OPEN' | 'CLOSED' | 'WITHDRAWN';

/** The most days from the assignment to its due. */
export const MAX_DUE_DAYS = 31;

/** A batch's row. It gives no access by itself: each of its grants does. */
export type Batch = {
  readonly tenant: string;
  readonly id: string;
  readonly state: BatchState;
  readonly version: number;
  readonly created: string;
  /** Who assigned it. */
  readonly maker: string;
  readonly purpose: string;
  readonly objects: readonly string[];
  /** The latest first listen of its grants. */
  readonly due: string;
  readonly policy: string;
  /** The proof by which the maker signed the list. */
  readonly proof: string;
  /** The reason, sealed. It stays where a recording is erased. */
  readonly words: Uint8Array;
  /** When it was closed or withdrawn. */
  readonly closed: string | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** An assigned grant as a piece of work. `started`: listened to, and not finished. */
export type WorkState = 'open' | 'started' | 'done' | 'returned' | 'expired' | 'revoked';

/** The part of a grant that its work state follows from. */
type Work = Pick<Grant, 'state' | 'started' | 'expires' | 'opensUntil'>;

/**
 * The work state at a time. Work that was begun can be finished until its batch is due, also after the clock ended:
 * then nothing can be heard any more.
 */
export function workStateOf({ state, started, expires, opensUntil }: Work, now: string): WorkState {
  if (state === 'DONE') return 'done';
  if (state === 'RETURNED') return 'returned';
  if (state === 'REVOKED') return 'revoked';
  const runs = state !== 'EXPIRED' && now < expires;
  if (started === null) return runs ? 'open' : 'expired';
  return runs || now < (opensUntil ?? '') ? 'started' : 'expired';
}

/** Whether a reviewer can finish or return it at this time. */
export function isUnfinished(grant: Work, now: string): boolean {
  const state = workStateOf(grant, now);
  return state === 'open' || state === 'started';
}

/** How many of a batch's grants are in each state; revoked ones do not count. */
export type WorkTotals = {
  readonly total: number;
  readonly done: number;
  readonly returned: number;
  readonly expired: number;
  readonly open: number;
};

/** Counts work states. */
export function workTotals(grants: readonly Work[], now: string): WorkTotals {
  const states = grants.map((grant) => workStateOf(grant, now)).filter((state) => state !== 'revoked');
  const count = (...wanted: readonly WorkState[]): number => states.filter((state) => wanted.includes(state)).length;
  return {
    total: states.length,
    done: count('done'),
    returned: count('returned'),
    expired: count('expired'),
    open: count('open', 'started'),
  };
}

/** Minutes of an assigned grant: twice the call and ten more, within the rule; the longest for an unknown length. */
export function assignedMinutes(durationMs: number | null, longestMinutes: number): number {
  if (durationMs === null) return longestMinutes;
  return Math.min(longestMinutes, Math.ceil((2 * durationMs) / 60_000 + 10));
}
