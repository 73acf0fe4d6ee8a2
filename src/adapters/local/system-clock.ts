// The clock of this machine.
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../ports/clock.ts';

/** The machine's clock and timers. Timers keep no process alive. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    steady: () => performance.now(),
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
    worked: () => performance.eventLoopUtilization().active,
    pause: (milliseconds) =>
      new Promise((resolve) => {
        if (milliseconds === undefined) setImmediate(resolve);
        else setTimeout(resolve, milliseconds);
      }),
    every: (milliseconds, tick) => {
      let running = false;
      const timer = setInterval(() => {
        if (running) return;
        running = true;
        tick()
          // The next tick retries what failed; the caller reports errors.
          .catch(() => undefined)
          .finally(() => {
            running = false;
          });
      }, milliseconds);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
