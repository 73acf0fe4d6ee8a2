// Waits after failures, by name: each failure in a row doubles the wait. In memory: a new process tries everything again.
import type { Clock } from '../../ports/clock.ts';

export type Backoff = {
  /** Whether the wait after the last failure has not ended. */
  readonly waits: (name: string) => boolean;
  readonly failed: (name: string) => void;
  readonly succeeded: (name: string) => void;
};

/** Waits from `firstMs` to `mostMs`. */
export function backoff(clock: Pick<Clock, 'now'>, firstMs: number, mostMs: number): Backoff {
  const waits = new Map<string, { readonly since: number; readonly forMs: number }>();
  return {
    waits: (name) => {
      const wait = waits.get(name);
      // A clock that was set back lengthens no wait.
      return wait !== undefined && Math.abs(clock.now() - wait.since) < wait.forMs;
    },
    failed: (name) => {
      const before = waits.get(name)?.forMs;
      waits.set(name, { since: clock.now(), forMs: before === undefined ? firstMs : Math.min(before * 2, mostMs) });
    },
    succeeded: (name) => {
      waits.delete(name);
    },
  };
}
