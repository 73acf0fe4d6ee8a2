// Spans of time in milliseconds: union, intersection, gaps, total.

/** From `start` to `end`, excluding `end`. */
export type Span = { readonly start: number; readonly end: number };

/** Sorted and disjoint; spans at most `gap` apart are joined. */
export function mergeSpans(spans: readonly Span[], gap = 0): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((one, other) => one.start - other.start)) {
    if (!(span.end > span.start)) continue;
    const last = merged.at(-1);
    if (last === undefined || span.start > last.end + gap) merged.push({ start: span.start, end: span.end });
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return merged;
}

/** Intersection of two lists of merged spans. */
export function intersectSpans(ones: readonly Span[], others: readonly Span[]): Span[] {
  const common: Span[] = [];
  let [one, other] = [0, 0];
  for (;;) {
    const [left, right] = [ones[one], others[other]];
    if (left === undefined || right === undefined) return common;
    const span = { start: Math.max(left.start, right.start), end: Math.min(left.end, right.end) };
    if (span.end > span.start) common.push(span);
    if (left.end < right.end) one += 1;
    else other += 1;
  }
}

/** Parts of `whole` outside the merged spans. */
export function gapsBetween(spans: readonly Span[], whole: Span): Span[] {
  const gaps: Span[] = [];
  let from = whole.start;
  for (const { start, end } of spans) {
    if (start > from) gaps.push({ start: from, end: Math.min(start, whole.end) });
    from = Math.max(from, end);
    if (from >= whole.end) return gaps;
  }
  gaps.push({ start: from, end: whole.end });
  return gaps.filter(({ start, end }) => end > start);
}

/** Total milliseconds of merged spans. */
export function totalOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Merged spans that last at least `least`. */
export function spansLongerThan(spans: readonly Span[], least: number): Span[] {
  return spans.filter(({ start, end }) => end - start >= least);
}

/** Covered share of a recording in whole per cent; 100 only when nothing is left. */
export function percentOf(spans: readonly Span[], duration: number): number {
  if (!(duration > 0)) return 0;
  const covered = totalOf(intersectSpans(mergeSpans(spans), [{ start: 0, end: duration }]));
  return covered >= duration ? 100 : Math.min(99, Math.round((covered / duration) * 100));
}

/** Adds a small step of playback to the heard spans; a jump is not heard. Returns the same list if nothing is new. */
export function addHeard(heard: readonly Span[], from: number, to: number, longestStep: number): readonly Span[] {
  if (!(to > from) || to - from > longestStep) return heard;
  const known = heard.some(({ start, end }) => start <= from && to <= end);
  return known ? heard : mergeSpans([...heard, { start: from, end: to }], 20);
}
