// The pace of bulk work on a shared key service: so many calls a second, fewer when it says that they are too many.
import type { Clock } from '../../ports/clock.ts';

/** Calls in an even flow. */
export type Pace = {
  /** Waits for the next call's turn. Rejects when the signal fires. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** The service was overrun: half the rate from now on, slowly more again while it is not. */
  readonly slower: () => void;
  /** Calls a second at this moment. */
  readonly rate: () => number;
};

const LEAST = 1;
/** Back to the full rate takes this long after the last complaint. */
const RECOVERY_MS = 60_000;
/** Complaints of calls that were under way together are one. */
const ONE_COMPLAINT_MS = 1_000;

/** For what asks nobody. */
export const UNPACED: Pace = {
  turn: async (signal) => signal.throwIfAborted(),
  slower: () => undefined,
  rate: () => Number.POSITIVE_INFINITY,
};

/** A pace of at most `most` calls a second; Infinity does not wait. */
export function paceOf(clock: Clock, most: number): Pace {
  let [slowest, since] = [most, Number.NEGATIVE_INFINITY];
  let next = 0;
  const rate = (): number => {
    if (most === Number.POSITIVE_INFINITY) return most;
    const share = Math.min(1, (clock.now() - since) / RECOVERY_MS);
    return slowest + (most - slowest) * share;
  };
  return {
    turn: async (signal) => {
      signal.throwIfAborted();
      if (most === Number.POSITIVE_INFINITY) return;
      const now = clock.now();
      const at = Math.max(next, now);
      next = at + 1000 / rate();
      if (at > now) await pause(clock, at - now, signal);
    },
    slower: () => {
      if (most === Number.POSITIVE_INFINITY || clock.now() - since < ONE_COMPLAINT_MS) return;
      [slowest, since] = [Math.max(LEAST, rate() / 2), clock.now()];
    },
    rate,
  };
}

/** Waits so many milliseconds. Rejects with the signal's reason when it fires first. */
export async function pause(clock: Pick<Clock, 'deadline'>, milliseconds: number, signal: AbortSignal): Promise<void> {
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
