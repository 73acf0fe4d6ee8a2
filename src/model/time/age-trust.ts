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
  /** How far it is ahead of what trusted processes recorded: `gapBeside`. */
  readonly gapMs: number;
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
 * The gap in milliseconds, once the newest beat was read: how far the clock was ahead of it when it began. `before`: the gap
 * so far, null where none was read; a later beat makes it less as far as the clock now is ahead of it, so that another
 * process which beats by a clock far behind changes nothing. Without a beat it stays, and is 0 in a new deployment.
 */
export function gapBeside(
  { started, ran }: Omit<JudgedClock, 'gapMs'>,
  newestBeat: string | null,
  before: number | null,
): number {
  if (newestBeat === null) return before ?? 0;
  const beat = Date.parse(newestBeat);
  return Math.max(0, before === null ? started - beat : Math.min(before, started + ran - beat));
}

/** Judges a clock by its gap, and by how long it has run. */
export function ageTrust({ started, ran, gapMs }: JudgedClock): AgeTrust {
  const since = new Date(started).toISOString();
  if (gapMs > LONGEST_GAP_MS) return { state: 'unconfirmed', since, gapMs };
  const afterMs = Math.max(gapMs, LEAST_RUN_MS) - ran;
  return afterMs <= 0 ? { state: 'trusted', since } : { state: 'waiting', since, gapMs, afterMs };
}
