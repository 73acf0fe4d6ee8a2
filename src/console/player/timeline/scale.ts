// From times to places on the tracks: one scale for lanes, marks, coverage and ruler, so that one playhead crosses all.

/** A time as a place from the left, in per cent of the whole. */
export function leftPercent(ms: number, duration: number): string {
  return `${((Math.max(0, Math.min(ms, duration)) / Math.max(1, duration)) * 100).toFixed(3)}%`;
}

/** The place and the width of a span. */
export function spanStyle({ start, end }: { readonly start: number; readonly end: number }, duration: number) {
  return { left: leftPercent(start, duration), width: leftPercent(end - start, duration) };
}

/** The shortest stretch that fills the view, and how wide the tracks get for calls that are not long anyway. */
const MIN_VIEW_MS = 4_000;
const MOST_ZOOM = 24;

/** The next zoom in or out, from the whole call in view to a few seconds of it; the same at either end. */
export function stepZoom(zoom: number, by: 1 | -1, duration: number): number {
  const most = Math.max(1, Math.min(duration / MIN_VIEW_MS, Math.max(MOST_ZOOM, initialZoom(duration))));
  return Math.min(most, Math.max(1, by > 0 ? zoom * 2 : zoom / 2));
}

const LONG_CALL_MS = 15 * 60_000;
const FIRST_VIEW_MS = 10 * 60_000;

/** How many times wider than the view the tracks of a long recording are at first; its whole is in the overview then. */
export function initialZoom(duration: number): number {
  return duration > LONG_CALL_MS ? duration / FIRST_VIEW_MS : 1;
}
