// A clock that only a test moves: each waiter wakes at its time, in order, and runs at once.
import type { Clock } from '../../src/ports/clock.ts';

export type ManualClock = Pick<Clock, 'now' | 'deadline'> & {
  /** Advances by so many milliseconds, stopping at each time that code waits for. */
  readonly forward: (milliseconds: number) => Promise<void>;
  /** Sets the clock without waking any waiter, as a correction of the system clock does. */
  readonly set: (now: number) => void;
};

export function manualClock(start = 1_000_000): ManualClock {
  let now = start;
  // Real timers use a monotonic clock: setting this one wakes no waiter.
  let passed = 0;
  let waiting: { readonly at: number; readonly over: AbortController }[] = [];
  const move = (to: number): void => {
    now += to - passed;
    passed = to;
  };
  return {
    now: () => now,
    deadline: (milliseconds) => {
      const over = new AbortController();
      waiting.push({ at: passed + milliseconds, over });
      return over.signal;
    },
    forward: async (milliseconds) => {
      const until = passed + milliseconds;
      for (;;) {
        await settled();
        const [first] = waiting.sort((a, b) => a.at - b.at);
        if (first === undefined || first.at > until) break;
        move(first.at);
        const due = waiting.filter(({ at }) => at <= first.at);
        waiting = waiting.filter(({ at }) => at > first.at);
        for (const { over } of due) over.abort();
      }
      move(until);
      await settled();
    },
    set: (to) => {
      now = to;
    },
  };
}

/** Resolves once all pending promise callbacks have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
