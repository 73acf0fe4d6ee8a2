// Which stretches of a call were handed out to somebody: intervals of milliseconds, merged, and never many of them.

/** From `start` to before `end`, in milliseconds of the call. */
export type ServedRange = readonly [start: number, end: number];

/** What a session keeps, at most: somebody who jumps about in a call must not make its row grow. */
const MOST = 64;

/** The same time in as few stretches as it takes, in order. */
export function mergeRanges(stretches: readonly ServedRange[]): ServedRange[] {
  const done: [number, number][] = [];
  for (const [start, end] of [...stretches].sort(([one], [other]) => one - other)) {
    const last = done.at(-1);
    if (last === undefined || start > last[1]) done.push([start, end]);
    else last[1] = Math.max(last[1], end);
  }
  return done;
}

/** One stretch more. Beyond 64 the smallest gap counts as heard: the log may say a little more than was, never less. */
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

/** How much time that is. */
export function totalLength(stretches: readonly ServedRange[]): number {
  return mergeRanges(stretches).reduce((sum, [start, end]) => sum + end - start, 0);
}

/**
 * Which stretch of the call some bytes of its audio are, by proportion: the header is little, and what a codec makes of
 * a second varies little over a call. Null for a call whose length is not known.
 */
export function servedRangeOf(
  bytes: { readonly start: number; readonly end: number },
  size: number,
  durationMs: number | null,
) {
  if (durationMs === null || durationMs <= 0 || size <= 0) return null;
  const at = (position: number): number => (durationMs * Math.min(position, size)) / size;
  const stretch: ServedRange = [Math.floor(at(bytes.start)), Math.ceil(at(bytes.end))];
  return stretch[0] < stretch[1] ? stretch : null;
}
