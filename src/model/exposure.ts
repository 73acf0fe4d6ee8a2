// Exposure: what could have been opened in a period. The words that each kind of target shares; pure.
import type { Leaf } from './log/leaf.ts';

/** Whose exposure is asked for: a principal, one API key, a key encryption key, a host. */
export const TARGET_KINDS = ['person', 'api-key', 'key', 'node'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** RFC 3339 UTC with milliseconds, both included. */
export type Period = { readonly since: string; readonly until: string };

/** How a recording comes into it. `grant`: approved and not used; `metadata`: read about, not opened. */
export type ExposureWay = 'session' | 'grant' | 'metadata' | 'deposit' | 'key' | 'key-before';

/** What is taken from a log event by event, in order, and told at its end. */
export type LogCollector<T> = { readonly add: (leaf: Leaf) => void; readonly result: () => T };

/** Recordings by how they come into it. */
export type AffectedRecordings = ReadonlyMap<string, ReadonlySet<ExposureWay>>;

/** Adds to what is collected. */
export function addAffected(affected: Map<string, Set<ExposureWay>>, recording: string, way: ExposureWay): void {
  const ways = affected.get(recording) ?? new Set<ExposureWay>();
  affected.set(recording, ways.add(way));
}

/** Text of a member of a leaf's object; '' where there is none. */
export function textMemberOf(leaf: Leaf, name: string): string {
  return String(leaf.object[name] ?? '');
}

/** A count kept in windows: the first of a window is an event, and the next event tells what the last window came to. */
export function windowCounter(): { readonly add: (leaf: Leaf) => void; readonly total: () => number } {
  let [events, more] = [0, 0];
  return {
    add: (leaf) => {
      // What the window before the first one came to lies before the period.
      if (events > 0) more += Math.max(0, Number(leaf.object['before'] ?? 1) - 1);
      events++;
    },
    total: () => events + more,
  };
}
