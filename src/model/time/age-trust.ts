// Whether a process's clock is trusted for age: to destroy what is old enough. Access needs less.

/** A process runs for so long before it is trusted, whatever its gap, in milliseconds. */
export const LEAST_RUN_MS = 600_000;
/** A longer gap needs two people. */
export const LONGEST_GAP_MS = 72 * 3_600_000;

/** Since when a clock is judged: its time at the start, or after a rise, and how long it has run since. */
export type JudgedClock = {
  /** Milliseconds since 1970 at that moment. */
  readonly started: number;
  /** Steady milliseconds since then. */
  readonly ran: number;
};

/**
 * Whether the clock is trusted: `after` milliseconds more, or once two people confirmed the gap. `since` is the moment
 * from which it is judged, RFC 3339.
 */
export type AgeTrust =
  | { readonly state: 'trusted'; readonly since: string }
  | { readonly state: 'waiting'; readonly since: string; readonly gapMs: number; readonly afterMs: number }
  | { readonly state: 'unconfirmed'; readonly since: string; readonly gapMs: number };

/**
 * Judges a clock beside the newest beat; null in a new deployment, which has none. The gap is how far the clock was ahead of
 * it when it began.
 */
export function ageTrust({ started, ran }: JudgedClock, newestBeat: string | null): AgeTrust {
  const since = new Date(started).toISOString();
  const gapMs = newestBeat === null ? 0 : Math.max(0, started - Date.parse(newestBeat));
  if (gapMs > LONGEST_GAP_MS) return { state: 'unconfirmed', since, gapMs };
  const afterMs = Math.max(gapMs, LEAST_RUN_MS) - ran;
  return afterMs <= 0 ? { state: 'trusted', since } : { state: 'waiting', since, gapMs, afterMs };
}
