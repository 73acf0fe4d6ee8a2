// What time it is in a transaction: by the process's clock and the floor of one log.

/** How far the floor of a log may be ahead of a clock that still writes to it, in milliseconds. */
export const FLOOR_AHEAD_MS = 60_000;

/**
 * The later of the clock (milliseconds since 1970) and the floor: the time of the log's newest event, null or empty
 * without one. RFC 3339, UTC. Null for a floor more than `FLOOR_AHEAD_MS` ahead, which is not followed: the clock is behind,
 * or the log is ahead.
 */
export function transactionTime(clock: number, floor: string | null): string | null {
  const now = new Date(clock).toISOString();
  if (floor === null || floor <= now) return now;
  return Date.parse(floor) - clock <= FLOOR_AHEAD_MS ? floor : null;
}
