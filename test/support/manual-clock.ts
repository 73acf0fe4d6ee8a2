// A clock that stands until a test moves it: what waits for a time is woken at it, in order, and does what it does at once.
import type { Clock } from '../../src/ports/clock.ts';

export type ManualClock = Pick<Clock, 'now' | 'deadline'> & {
  /** Moves on by so many milliseconds, from one time that something waits for to the next. */
  readonly forward: (milliseconds: number) => Promise<void>;
  /** Sets the clock without anything being woken, as somebody does who corrects it. */
  readonly set: (now: number) => void;
};

export function manualClock(start = 1_000_000): ManualClock {
  let now = start;
  // Those that wait do so by another clock: setting this one wakes nobody.
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

/** Whatever can go on has gone on: promises are done with before the loop turns. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
