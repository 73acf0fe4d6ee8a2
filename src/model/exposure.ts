// Exposure: what could have been opened in a period. Types and helpers that all kinds of target share; pure.
import type { Leaf } from './log/leaf.ts';

/** The target of an exposure report: a principal, an API key, a key encryption key, or a host. */
export const TARGET_KINDS = ['person', 'api-key', 'key', 'node'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** RFC 3339 UTC with milliseconds, both included. */
export type Period = { readonly since: string; readonly until: string };

/** How a recording is exposed. `grant`: approved but not used; `metadata`: its metadata was read, its content was not opened. */
export type ExposureWay = 'session' | 'grant' | 'metadata' | 'deposit' | 'key' | 'key-before';

/** A collector: takes log events in order and returns its result at the end. */
export type LogCollector<T> = { readonly add: (leaf: Leaf) => void; readonly result: () => T };

/** Recordings by kind of exposure. */
export type AffectedRecordings = ReadonlyMap<string, ReadonlySet<ExposureWay>>;

/** Adds a recording to a kind. */
export function addAffected(affected: Map<string, Set<ExposureWay>>, recording: string, way: ExposureWay): void {
  const ways = affected.get(recording) ?? new Set<ExposureWay>();
  affected.set(recording, ways.add(way));
}

/** The text of a member of a leaf's object; '' where it has none. */
export function textMemberOf(leaf: Leaf, name: string): string {
  return String(leaf.object[name] ?? '');
}

/**
 * Sums a windowed count: an event opens each window, and another closes it with the count of all. In older logs the next
 * window's event carries that count.
 */
export function windowCounter(): { readonly add: (leaf: Leaf) => void; readonly total: () => number } {
  let [events, more] = [0, 0];
  return {
    add: (leaf) => {
      const counted = Number(leaf.object['counted'] ?? leaf.object['before'] ?? 1);
      // The count of a window that began before the period belongs to the time before it.
      if (events > 0) more += Math.max(0, counted - 1);
      if (leaf.object['counted'] === undefined) events++;
    },
    total: () => events + more,
  };
}
