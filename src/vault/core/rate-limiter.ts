// The pace of bulk work on a shared key service: so many calls a second, fewer when it says that they are too many.
import type { Clock } from '../../ports/clock.ts';

/** Calls in an even flow. */
export type RateLimiter = {
  /** Waits for the next call's turn and returns when that was, by the clock. Rejects when the signal fires. */
  readonly acquire: (signal: AbortSignal) => Promise<number>;
  /**
   * A call that had its turn then was too much for the service: nobody has a turn for a second, so that those who wait
   * for an answer get theirs, and half the rate after that. It doubles in a minute while nobody complains. Calls that had
   * their turn before are part of the same complaint.
   */
  readonly backOff: (turn: number) => void;
  /** Calls a second at this moment. */
  readonly rate: () => number;
};

const LEAST = 1;
/** Request quotas are counted by the second: after one that nothing was asked in, there is room again. */
const HOLD_MS = 1_000;
const DOUBLING_MS = 60_000;
/** Timers come late, and a busy process later: what was missed by so much is caught up. */
const LATE_MS = 20;
/** Nobody waits longer for a turn that is the next one: by then somebody has set the clock back. */
const LONGEST_MS = HOLD_MS + 1_000 / LEAST;

/** For what asks nobody. */
export const UNLIMITED: RateLimiter = {
  acquire: async (signal) => {
    signal.throwIfAborted();
    return 0;
  },
  backOff: () => undefined,
  rate: () => Number.POSITIVE_INFINITY,
};

/** A pace of at most `most` calls a second; Infinity does not wait. */
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
    // Looked at again each time: it may have become slower meanwhile.
    for (let left = ahead(); left > 0; left = ahead()) await delay(clock, left, signal);
    const now = clock.now();
    next = Math.max(next, now - LATE_MS) + 1000 / rate();
    return now;
  };
  return {
    // One after the other: whoever waits has no turn yet that a complaint could not put off.
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

/** Waits so many milliseconds. Rejects with the signal's reason when it fires first. */
export async function delay(clock: Pick<Clock, 'deadline'>, milliseconds: number, signal: AbortSignal): Promise<void> {
  const over = clock.deadline(Math.ceil(milliseconds));
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      resolve();
    };
    if (over.aborted || signal.aborted) return wake();
    over.addEventListener('abort', wake, { once: true });
    signal.addEventListener('abort', wake, { once: true });
  });
  signal.throwIfAborted();
}
