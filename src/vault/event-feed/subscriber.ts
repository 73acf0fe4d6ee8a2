// One who follows: what is told to them waits in a short queue, and whoever does not take it is let go.
import type { AccessUpdate } from '../../model/access-update.ts';
import type { Caller } from '../../model/principal.ts';

/** What a follower is told: a signal, that earlier ones are not told any more, or only how far the log was read. */
export type FeedItem = {
  /** The index of the last event that was looked at. */
  readonly index: number;
  readonly update: AccessUpdate | 'missed' | null;
};

/** One end of it: what is told next, null once it is over; and stopping, which ends it at once. */
export type Subscription = {
  readonly next: () => Promise<FeedItem | null>;
  readonly stop: () => void;
};

/** The other end. `at`: the index of the first event that was not looked at yet. */
export type Subscriber = {
  readonly by: Caller;
  /** The index of the first event after the look at their credential: what is told again from before it ends nothing. */
  readonly since: number;
  readonly subscription: Subscription;
  readonly push: (told: FeedItem) => void;
  nextIndex: number;
  /** When the credential was last looked at, and something last told. */
  checkedAt: number;
};

/** What may wait for one who is slow; they come back and say what they heard last. */
const MOST_WAITING = 256;

/** A new one. `left` is called once it is over, whoever ended it. */
export function newSubscriber(by: Caller, at: number, since: number, now: number, left: () => void): Subscriber {
  let waiting: FeedItem[] = [];
  let wake: (() => void) | null = null;
  let over = false;
  const stop = (): void => {
    if (over) return;
    over = true;
    waiting = [];
    wake?.();
    left();
  };
  const next = async (): Promise<FeedItem | null> => {
    while (!over && waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift() ?? null;
  };
  const tell = (told: FeedItem): void => {
    // How far the log was read matters only to who waits.
    if (over || (told.update === null && waiting.length > 0)) return;
    if (waiting.length === MOST_WAITING) {
      stop();
      return;
    }
    waiting.push(told);
    wake?.();
  };
  return { by, since, subscription: { next, stop }, push: tell, nextIndex: at, checkedAt: now };
}
