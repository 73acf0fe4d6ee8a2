// What the end of a session shows, where it comes long after the session's time: the work in the background may have stopped.
import { MINUTE_MS } from './at.ts';
import type { Leaf } from './leaf.ts';

/** An end is late so long after the session's time, and a session without one is open too long. */
export const LATE_MS = 10 * MINUTE_MS;

/** The service sends so much of a call at once, and then this many times as much as a listener hears. */
const [BURST_MS, MOST_PACE] = [30_000, 4];

/** Whether a session can have sent what its end says within `time` milliseconds. An end that says no time says nothing. */
export function isPossible({ object: { heard_ms: heard } }: Leaf, time: number): boolean {
  return heard === undefined || Number(heard) <= BURST_MS + MOST_PACE * (time + MINUTE_MS);
}

/** When the work that ends sessions did something, as far as this log shows it, in milliseconds. */
export function roundsOf(): {
  readonly learn: (leaf: Leaf, now: number) => void;
  /** It did nothing later than this, in milliseconds. */
  readonly correct: (to: number) => void;
  /** Whether it worked after `ended`, more than ten minutes before `last`, the log's end. */
  readonly worked: (ended: number, last: number) => boolean;
} {
  let times: number[] = [];
  return {
    learn: ({ action, actor, object }, now) => {
      const isExpiry = action === 'session.ended' ? object['reason'] === 'expired' : /\.expired$/.test(action);
      // One a minute is enough.
      if (isExpiry && actor.type === 'system' && !((times.at(-1) ?? 0) > now - MINUTE_MS)) times.push(now);
    },
    correct: (to) => {
      times = times.filter((time) => time <= to);
    },
    worked: (ended, last) => (times.findLast((time) => time < last - LATE_MS) ?? 0) > ended + LATE_MS,
  };
}
