// The rate limiter of bulk work on a shared key service: fewer calls a second after the service throttled.
import type { Clock } from '../../ports/clock.ts';

/** Evenly spaced calls. */
export type RateLimiter = {
  /** Waits for the next slot and returns its time by the clock. Rejects when the signal fires. */
  readonly acquire: (signal: AbortSignal) => Promise<number>;
  /**
   * Reports that the service throttled the call of that slot. No slot is granted for a second, so that calls people
   * wait for get through; then the rate is halved, and doubles again within a minute without throttling. Calls granted
   * before the report belong to the same overload.
   */
  readonly backOff: (turn: number) => void;
  /** The current rate, in calls a second. */
  readonly rate: () => number;
};

const LEAST = 1;
/** Key services count request quotas by the second: a second without calls frees the quota. */
const HOLD_MS = 1_000;
const DOUBLING_MS = 60_000;
/** Timers fire late, later still in a busy process: calls delayed by up to this much are caught up. */
const LATE_MS = 20;
/** The longest wait for the next slot: a longer one means that the clock was set back. */
const LONGEST_MS = HOLD_MS + 1_000 / LEAST;

/** For key services without a rate limit. */
export const UNLIMITED: RateLimiter = {
  acquire: async (signal) => {
    signal.throwIfAborted();
    return 0;
  },
  backOff: () => undefined,
  rate: () => Number.POSITIVE_INFINITY,
};

/** A limiter of at most `most` calls a second; with Infinity it never waits. */
export function rateLimiter(clock: Pick<Clock, 'now' | 'deadline'>, most: number): RateLimiter {
  if (most === Number.POSITIVE_INFINITY) return UNLIMITED;
  let [slowest, since] = [most, Number.NEGATIVE_INFINITY];
  let next = Number.NEGATIVE_INFINITY;
  let last: Promise<unknown> = Promise.resolve();
  const rate = (): number => Math.min(most, slowest * 2 ** ((clock.now() - since) / DOUBLING_MS));
  const ahead = (): number => {
    if (next - clock.now() > LONGEST_MS) next = clock.now();
    return next - clock.now();
  };
  const wait = async (signal: AbortSignal): Promise<number> => {
    signal.throwIfAborted();
    // Computed again after each wait: the rate may have dropped meanwhile.
    for (let remaining = ahead(); remaining > 0; remaining = ahead()) await delay(clock, remaining, signal);
    const now = clock.now();
    next = Math.max(next, now - LATE_MS) + 1000 / rate();
    return now;
  };
  return {
    // One caller at a time: a caller that waits has no slot yet, so a report still delays it.
    acquire: (signal) => {
      const mine = last.then(() => wait(signal));
      last = mine.catch(() => undefined);
      return mine;
    },
    backOff: (turn) => {
      if (turn <= since) return;
      [slowest, since] = [Math.max(LEAST, rate() / 2), clock.now()];
      next = Math.max(next, clock.now() + HOLD_MS);
    },
    rate,
  };
}

/** Waits `milliseconds`. Rejects with the signal's reason when the signal fires first. */
export async function delay(clock: Pick<Clock, 'deadline'>, milliseconds: number, signal: AbortSignal): Promise<void> {
  const timer = clock.deadline(Math.ceil(milliseconds));
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      resolve();
    };
    if (timer.aborted || signal.aborted) return wake();
    timer.addEventListener('abort', wake, { once: true });
    signal.addEventListener('abort', wake, { once: true });
  });
  signal.throwIfAborted();
}
