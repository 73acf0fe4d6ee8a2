// What time it is in a transaction: by the process's clock and the floor of one log.

/** How far the floor of a log may be ahead of a clock that still writes to it, in milliseconds. */
export const FLOOR_AHEAD_MS = 60_000;

/** A transaction's time, RFC 3339, or how many milliseconds the floor is ahead of the clock, where that is too far. */
export type TransactionTime = { readonly time: string } | { readonly aheadMs: number };

/**
 * The later of the clock (milliseconds since 1970) and the floor: the time of the log's newest event, null or empty
 * without one. A floor more than `FLOOR_AHEAD_MS` ahead is not followed: the clock is behind, or the log is ahead.
 */
export function transactionTime(clock: number, floor: string | null): TransactionTime {
  const now = new Date(clock).toISOString();
  if (floor === null || floor <= now) return { time: now };
  const aheadMs = Date.parse(floor) - clock;
  // A floor that is no time is ahead of every clock.
  return aheadMs <= FLOOR_AHEAD_MS ? { time: floor } : { aheadMs: Number.isNaN(aheadMs) ? Infinity : aheadMs };
}
