// The pace of listening: a token bucket per person and recording, in milliseconds of the call
// (docs/decisions/0024-paced-replies.md).
import { VaultError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { delay } from './rate-limiter.ts';

/** How fast a reply may read. */
export type ListeningRate = {
  /** The bucket's name, shared by all sessions of a person on a recording. */
  readonly listening: string;
  /** The session whose row bounds this reply. */
  readonly session: string;
  /** Bytes per second of the call. */
  readonly bytesPerSecond: number;
  /** Seconds of the call per second of time, after the first 30: as the policy says now. */
  readonly speed: () => number;
  /** Milliseconds of the call that the session's row leaves at this moment, with what all processes have counted in it. */
  readonly leftInRow: () => number;
};

/** The budget of one reply. Bytes that were taken and not sent go back into the bucket. */
export type ReplyBudget = {
  /** Waits until some of `want` bytes may be sent and returns how many. Rejects when the signal fires, or `not_available` at shutdown. */
  readonly take: (want: number, signal: AbortSignal) => Promise<number>;
  /** `countedMs`: milliseconds of the call that the session's row has counted for these bytes, 0 where it counted none. */
  readonly giveBack: (bytes: number, countedMs: number) => void;
};

export type MediaBudgets = {
  /** For a reply that streams to the end of the recording: it waits as often and as long as needed. */
  readonly stream: (rate: ListeningRate) => ReplyBudget;
  /**
   * For a closed range: all of it at once, after at most 10 seconds; `take` throws `too_fast` where that is not enough.
   */
  readonly range: (rate: ListeningRate) => ReplyBudget;
  /** Fires at shutdown: replies that would have to wait end. */
  readonly ending: AbortSignal;
  readonly end: () => void;
};

/** Milliseconds of the call that a full bucket holds. */
export const BURST = 30_000;
/** What a stream takes at a time once it waits: one second of time, so that little is in flight at a revocation. */
const SLICE = 4_000;
/** What a running stream leaves in the bucket for the next seek, however far the player reads ahead. */
const RESERVE = 12_000;
/** What a new stream may take of the reserve: what Chromium reads of G.711 before it resumes playback after a seek. */
const OPENING = 8_000;
/** The longest wait of a closed range. */
const LONGEST_WAIT_MS = 10_000;
/** How long a full bucket is kept for what replies gave back. */
const KEPT_MS = 600_000;
/** How soon a waiting stream notices a shutdown, or bytes that another reply gave back. */
const PAUSE_MS = 500;

type Bucket = {
  /** May be negative: a closed range takes in advance what it waits for. */
  level: number;
  at: number;
  /** Milliseconds of the call per millisecond of time, until the next reply says otherwise. */
  speed: number;
  /** What replies of each session gave back: its row counts it as served, and it was not. */
  returned: Map<string, number>;
  used: number;
  /** Until a full bucket has become empty, streams leave no reserve. */
  burst: boolean;
};

/**
 * The buckets of this process, in memory. Each process has its own, and none gives more of a session than its row leaves.
 */
export function mediaBudgets(clock: Pick<Clock, 'now' | 'deadline'>): MediaBudgets {
  const buckets = new Map<string, Bucket>();
  const ending = new AbortController();

  const refill = (bucket: Bucket): Bucket => {
    const now = clock.now();
    // A clock that was set back adds nothing.
    bucket.level = Math.min(BURST, bucket.level + bucket.speed * Math.max(0, now - bucket.at));
    bucket.at = now;
    if (bucket.level === BURST) bucket.burst = true;
    return bucket;
  };
  const isNew = ({ level, returned, used, at }: Bucket): boolean =>
    level === BURST && (returned.size === 0 || at - used > KEPT_MS);
  const bucketOf = ({ listening, session, speed, leftInRow }: ListeningRate): Bucket => {
    const known = buckets.get(listening);
    if (known === undefined) {
      // A full bucket equals a new one.
      for (const [id, bucket] of buckets) if (isNew(refill(bucket))) buckets.delete(id);
    }
    const now = clock.now();
    const made = { level: BURST, at: now, speed: speed(), returned: new Map(), used: now, burst: true };
    const bucket = known === undefined ? made : refill(known);
    buckets.set(listening, bucket);
    bucket.speed = speed();
    bucket.used = now;
    // What another process has sent is not in this bucket, but in the row.
    bucket.level = Math.min(bucket.level, leftInRow() + (bucket.returned.get(session) ?? 0));
    return bucket;
  };
  const wait = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    ending.signal.throwIfAborted();
    await delay(clock, Math.min(milliseconds, PAUSE_MS), signal);
    ending.signal.throwIfAborted();
  };
  const unitsOf = ({ bytesPerSecond }: ListeningRate) => ({
    timeOf: (bytes: number) => (bytes * 1000) / bytesPerSecond,
    bytesOf: (time: number) => Math.ceil((time * bytesPerSecond) / 1000),
  });
  const giveBack = (rate: ListeningRate) => (bytes: number, countedMs: number) => {
    if (bytes <= 0) return;
    const [bucket, time] = [bucketOf(rate), unitsOf(rate).timeOf(bytes)];
    // A row counts in whole milliseconds, and so more than the bytes are.
    const counted = Math.min(time, countedMs);
    if (counted > 0) bucket.returned.set(rate.session, (bucket.returned.get(rate.session) ?? 0) + counted);
    bucket.level += time;
  };

  return {
    stream: (rate) => {
      const { timeOf, bytesOf } = unitsOf(rate);
      let opening = OPENING;
      return {
        take: async (want, signal) => {
          for (;;) {
            signal.throwIfAborted();
            const bucket = bucketOf(rate);
            const free = bucket.burst
              ? bucket.level
              : Math.max(bucket.level - RESERVE, Math.min(bucket.level, opening));
            const least = Math.min(SLICE, timeOf(want));
            if (free >= least) {
              const bytes = Math.min(want, bytesOf(free));
              bucket.level -= timeOf(bytes);
              opening = Math.max(0, opening - timeOf(bytes));
              if (bucket.level < SLICE) bucket.burst = false;
              return bytes;
            }
            if (bucket.level < SLICE) bucket.burst = false;
            const needed = opening >= least || bucket.burst ? least : RESERVE + least;
            await wait(Math.max(1, (needed - bucket.level) / bucket.speed), signal);
          }
        },
        giveBack: giveBack(rate),
      };
    },
    range: (rate) => {
      const { timeOf } = unitsOf(rate);
      return {
        take: async (want, signal) => {
          const bucket = bucketOf(rate);
          const due = clock.now() + Math.max(0, (timeOf(want) - bucket.level) / bucket.speed);
          if (due - clock.now() > LONGEST_WAIT_MS)
            throw new VaultError('too_fast', 'you have read as far ahead in this recording as you may', {
              retryAfter: Math.ceil((due - clock.now()) / 1000),
            });
          bucket.level -= timeOf(want);
          if (bucket.level < SLICE) bucket.burst = false;
          try {
            for (let left = due - clock.now(); left > 0; left = due - clock.now()) await wait(left, signal);
          } catch (error) {
            giveBack(rate)(want, 0);
            throw error;
          }
          return want;
        },
        giveBack: giveBack(rate),
      };
    },
    ending: ending.signal,
    end: () => ending.abort(new VaultError('not_available', 'the server is shutting down', { retryAfter: 1 })),
  };
}
