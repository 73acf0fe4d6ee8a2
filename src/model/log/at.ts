// What the parts of the log's check are given with each event, and what they share about people.
import type { Find, Note } from './finding.ts';
import type { Leaf } from './leaf.ts';

/** The event that is being checked. */
export type At = {
  readonly leaf: Leaf;
  /** Its time, in milliseconds since 1970. */
  readonly now: number;
  /** Its hash, which is computed. */
  readonly hash: Uint8Array;
  /** Whether `log.adopted` is before it: from then on events have what the catalogue says. */
  readonly isNew: boolean;
  readonly find: Find;
  readonly note: Note;
};

export const MINUTE_MS = 60_000;

/** Tolerance: a transaction that began before an end may be written after it, and processes have clocks of their own. */
export const GRACE_MS = 60_000;

/**
 * The time to which this event puts the clock of its log right, in milliseconds; null of every other event. What was
 * learned from events of a later time is from then on as if it were of this one.
 */
export function correctedTo({ leaf, now }: { readonly leaf: Leaf; readonly now: number }): number | null {
  const { action, outcome, log, object } = leaf;
  return action === 'clock.corrected' && outcome === 'ok' && log.endsWith(`/${object.id}`) ? now : null;
}
