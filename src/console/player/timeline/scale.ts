// Shared scale of the tracks, from times to positions, so that one playhead crosses all of them.

/** Position of a time from the left, in per cent of the whole. */
export function leftPercent(ms: number, duration: number): string {
  return `${((Math.max(0, Math.min(ms, duration)) / Math.max(1, duration)) * 100).toFixed(3)}%`;
}

/** Position and width of a span. */
export function spanStyle({ start, end }: { readonly start: number; readonly end: number }, duration: number) {
  return { left: leftPercent(start, duration), width: leftPercent(end - start, duration) };
}

/** Shortest range that fills the view, and the maximum zoom of short calls. */
const MIN_VIEW_MS = 4_000;
const MOST_ZOOM = 24;

/** Next zoom in or out, between the whole call and a few seconds; unchanged at either end. */
export function stepZoom(zoom: number, by: 1 | -1, duration: number): number {
  const most = Math.max(1, Math.min(duration / MIN_VIEW_MS, Math.max(MOST_ZOOM, initialZoom(duration))));
  return Math.min(most, Math.max(1, by > 0 ? zoom * 2 : zoom / 2));
}

const LONG_CALL_MS = 15 * 60_000;
const FIRST_VIEW_MS = 10 * 60_000;

/** Initial zoom of the tracks; more than 1 for a long recording, whose whole is in the overview. */
export function initialZoom(duration: number): number {
  return duration > LONG_CALL_MS ? duration / FIRST_VIEW_MS : 1;
}
