// How long work takes its time, so that requests of others go on: by the clock, whatever the work is made of.
import type { Clock } from '../../ports/clock.ts';

/** How long work goes on before it gives way. */
const SLICE_MS = 2;
/** A run of the event loop that took longer had other work. */
const IDLE_MS = 0.5;
/** How much longer than its own last piece work gives way at most: then it gets a share however busy the process is. */
const MOST_TIMES = 2;
const MOST_MS = 100;

export type Pace = {
  /** What to wait for before the next small step: nothing until the slice is used. */
  readonly step: () => Promise<void> | undefined;
  /** Gives way now. */
  readonly rest: () => Promise<void>;
};

/** The pace of one piece of work. */
export function paceOf(clock: Pick<Clock, 'steady' | 'pause'>): Pace {
  let since = clock.steady();
  const rest = async (): Promise<void> => {
    const begun = clock.steady();
    const until = begun + Math.min(MOST_MS, MOST_TIMES * (begun - since));
    for (let last = begun, isIdle = false; !isIdle; ) {
      await clock.pause();
      since = clock.steady();
      isIdle = since - last < IDLE_MS || since >= until;
      last = since;
    }
  };
  return { step: () => (clock.steady() - since < SLICE_MS ? undefined : rest()), rest };
}
