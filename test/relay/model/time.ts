// Virtual time: it moves only once nothing else can go on.
import type { RelayClock } from '../../../src/relay/ports.ts';

type Timer = { readonly at: number; readonly wake: () => void };

export type VirtualTime = {
  readonly now: () => number;
  /** The clock of one relay; the time of day may be moved. */
  readonly clock: (offset: () => number) => RelayClock;
  readonly at: (milliseconds: number, act: () => void) => void;
  /** Runs until this time. */
  readonly runUntil: (milliseconds: number) => Promise<void>;
};

/** Time from 0 milliseconds. */
export function virtualTime(): VirtualTime {
  let now = 0;
  let timers: Timer[] = [];
  const at = (when: number, wake: () => void): void => {
    timers.push({ at: when, wake });
  };
  return {
    now: () => now,
    at,
    clock: (offset) => ({
      monotonic: () => now,
      now: () => 1_800_000_000_000 + now + offset(),
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          if (signal.aborted) return resolve();
          const wake = (): void => {
            signal.removeEventListener('abort', wake);
            resolve();
          };
          signal.addEventListener('abort', wake);
          at(now + milliseconds, wake);
        }),
    }),
    runUntil: async (end) => {
      for (;;) {
        // Ports of the model wait for nothing but each other: one turn of the event loop runs all of it.
        await new Promise((resolve) => setImmediate(resolve));
        const due = Math.min(...timers.map((timer) => timer.at));
        if (due > end) break;
        now = Math.max(now, due);
        const woken = timers.filter((timer) => timer.at <= now);
        timers = timers.filter((timer) => timer.at > now);
        for (const { wake } of woken) wake();
      }
      now = end;
    },
  };
}
