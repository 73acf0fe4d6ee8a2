// How long work takes its time, so that requests of others go on: by the clock, whatever the work is made of.
import type { Clock } from '../../ports/clock.ts';

/** How long work goes on before it gives way. */
const SLICE_MS = 2;
/** How long a process that is quiet does nothing: requests of others wait for disks and services in between. */
const QUIET_MS = 4;
/** Work within that time that still counts as nothing. */
const IDLE_MS = 0.5;
/** How much longer than its own last piece work gives way at most: then it gets a share however busy the process is. */
const MOST_TIMES = 5;
const MOST_MS = 100;

export type Pace = {
  /** What to wait for before the next small step: nothing until the slice is used. */
  readonly step: () => Promise<void> | undefined;
  /** Gives way now. */
  readonly rest: () => Promise<void>;
};

/** The pace of one piece of work. */
export function paceOf(clock: Pick<Clock, 'steady' | 'worked' | 'pause'>): Pace {
  let since = clock.steady();
  const rest = async (): Promise<void> => {
    const begun = clock.steady();
    const until = begun + Math.min(MOST_MS, MOST_TIMES * (begun - since));
    for (let isQuiet = false; !isQuiet && clock.steady() < until; ) {
      const before = clock.worked();
      await clock.pause(Math.min(QUIET_MS, until - clock.steady()));
      isQuiet = clock.worked() - before < IDLE_MS;
    }
    since = clock.steady();
  };
  return { step: () => (clock.steady() - since < SLICE_MS ? undefined : rest()), rest };
}
