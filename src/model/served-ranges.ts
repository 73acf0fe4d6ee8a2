// Served ranges: the parts of a call sent to a listener, as merged intervals of milliseconds.

/** From `start` to before `end`, in milliseconds of the call. */
export type ServedRange = readonly [start: number, end: number];

/** Maximum ranges per session: a listener who jumps about must not grow its row without limit. */
const MOST = 64;

/** Merges ranges into as few as possible, in order. */
export function mergeRanges(stretches: readonly ServedRange[]): ServedRange[] {
  const done: [number, number][] = [];
  for (const [start, end] of [...stretches].sort(([one], [other]) => one - other)) {
    const last = done.at(-1);
    if (last === undefined || start > last[1]) done.push([start, end]);
    else last[1] = Math.max(last[1], end);
  }
  return done;
}

/** Adds a range. Beyond 64 it closes the smallest gap: the log may overstate what was served, never understate it. */
export function addServedRange(stretches: readonly ServedRange[], one: ServedRange): ServedRange[] {
  const all = mergeRanges([...stretches, one]);
  while (all.length > MOST) {
    const gaps = all.slice(1).map(([start], n) => start - (all[n]?.[1] ?? 0));
    const at = gaps.indexOf(Math.min(...gaps));
    const [before, after] = [all[at], all[at + 1]];
    if (before === undefined || after === undefined) break;
    all.splice(at, 2, [before[0], after[1]]);
  }
  return all;
}

/** Bytes of audio that count as a second of a call whose length is unknown or 0: one channel of G.711. */
export const UNPLACED_RATE = 8_000;

/**
 * Whether the length of a call says which part of it some bytes are. A length of 0 ms, of a file of less than half a
 * millisecond, says as little as none: then bytes count.
 */
export function isPlaced(durationMs: number | null): durationMs is number {
  return durationMs !== null && durationMs > 0;
}

/** Minutes of a call that ranges have begun. */
export function begunMinutes(ranges: readonly ServedRange[]): number {
  return Math.ceil(totalLength(ranges) / 60_000);
}

/** The total duration of ranges. */
export function totalLength(stretches: readonly ServedRange[]): number {
  return mergeRanges(stretches).reduce((sum, [start, end]) => sum + end - start, 0);
}

/**
 * Estimates the range of a call that some bytes of its audio cover, by proportion: the header is small, and bytes per
 * second vary little. Null where the length of the call is unknown or 0.
 */
export function servedRangeOf(
  bytes: { readonly start: number; readonly end: number },
  size: number,
  durationMs: number | null,
) {
  if (!isPlaced(durationMs) || size <= 0) return null;
  const at = (position: number): number => (durationMs * Math.min(position, size)) / size;
  const stretch: ServedRange = [Math.floor(at(bytes.start)), Math.ceil(at(bytes.end))];
  return stretch[0] < stretch[1] ? stretch : null;
}
