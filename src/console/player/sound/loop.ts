// A–B loop and skipping of silence: the next position from a time.
import type { Span } from '../time/spans.ts';
import { lineAt } from '../time/turns.ts';

/** Ends of the loop in milliseconds. It is active while it is `on` and has both. */
export type Loop = { readonly a: number | null; readonly b: number | null; readonly on: boolean };

export const NO_LOOP: Loop = { a: null, b: null, on: false };
const SHORTEST_MS = 250;

/** Sets the start, and drops an end that is no longer after it. */
export function withStart({ b }: Loop, at: number): Loop {
  const end = b !== null && b >= at + SHORTEST_MS ? b : null;
  return { a: at, b: end, on: end !== null };
}

/** Sets the end. Swaps the two if it is before the start; without a start the loop begins at 0. */
export function withEnd({ a }: Loop, at: number): Loop {
  const start = a ?? 0;
  if (Math.abs(at - start) < SHORTEST_MS) return { a: start, b: null, on: false };
  return { a: Math.min(start, at), b: Math.max(start, at), on: true };
}

/** Range of a loop with both ends. */
export function rangeOf({ a, b }: Loop): Span | null {
  return a === null || b === null ? null : { start: a, end: b };
}

/** Moves one end by a step, within the recording and not past the other end. */
export function withEndMoved(loop: Loop, end: 'a' | 'b', by: number, duration: number): Loop {
  const range = rangeOf(loop);
  if (range === null) return loop;
  const start = end === 'a' ? Math.max(0, Math.min(range.start + by, range.end - SHORTEST_MS)) : range.start;
  const stop = end === 'b' ? Math.min(duration, Math.max(range.end + by, range.start + SHORTEST_MS)) : range.end;
  return { ...loop, a: start, b: stop };
}

/** Kept on both sides of a silence, so that no word is cut. */
const EDGE_MS = 400;

/** Position to jump to while playing at `at`, or null: the loop's start, or the end of a silence. */
export function jumpFrom(at: number, loop: Loop, silences: readonly Span[]): number | null {
  const range = loop.on ? rangeOf(loop) : null;
  if (range !== null && at >= range.end) return range.start;
  const silence = silences[lineAt(silences, at)];
  if (silence === undefined || at < silence.start + EDGE_MS || at >= silence.end - 2 * EDGE_MS) return null;
  const after = silence.end - EDGE_MS;
  return range !== null && after >= range.end ? range.start : after;
}
