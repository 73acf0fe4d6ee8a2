// Waiting times between attempts.

const FIRST_MS = 1_000;
const MOST_MS = 300_000;

/** Milliseconds before attempt `failures` + 1: doubling from one second to five minutes, less up to half by chance. */
export function backoffMs(failures: number, retryAfterMs: number | null, random: () => number): number {
  const whole = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 20));
  const wait = whole * (1 - random() / 2);
  return retryAfterMs === null ? wait : Math.min(MOST_MS, Math.max(wait, retryAfterMs));
}
