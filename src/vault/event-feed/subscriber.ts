// A subscriber with a bounded queue; slow readers are dropped.
import type { AccessUpdate } from '../../model/access-update.ts';
import type { Caller } from '../../model/principal.ts';

/** An item for a subscriber: an update, `missed` where updates were skipped, or null as a heartbeat. */
export type FeedItem = {
  /** The index of the last event that was read. */
  readonly index: number;
  readonly update: AccessUpdate | 'missed' | null;
};

/** The reader's side: the next item, null once the subscription ended; and `stop`, which ends it at once. */
export type Subscription = {
  readonly next: () => Promise<FeedItem | null>;
  readonly stop: () => void;
};

/** The feed's side. */
export type Subscriber = {
  readonly by: Caller;
  /** The index of the first event after the credential was checked: events replayed from before it end nothing. */
  readonly since: number;
  readonly subscription: Subscription;
  readonly push: (item: FeedItem) => void;
  nextIndex: number;
  /** When the credential was last checked and a heartbeat sent. */
  checkedAt: number;
};

/** The length of the queue. A dropped client reconnects with the index of its last item. */
const MOST_WAITING = 256;

/** A new subscriber. `left` is called when its subscription ends, on either side. */
export function newSubscriber(by: Caller, at: number, since: number, now: number, left: () => void): Subscriber {
  let waiting: FeedItem[] = [];
  let wake: (() => void) | null = null;
  let ended = false;
  const stop = (): void => {
    if (ended) return;
    ended = true;
    waiting = [];
    wake?.();
    left();
  };
  const next = async (): Promise<FeedItem | null> => {
    while (!ended && waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift() ?? null;
  };
  const push = (item: FeedItem): void => {
    // A heartbeat is needed only while no other item waits.
    if (ended || (item.update === null && waiting.length > 0)) return;
    if (waiting.length === MOST_WAITING) {
      stop();
      return;
    }
    waiting.push(item);
    wake?.();
  };
  return { by, since, subscription: { next, stop }, push, nextIndex: at, checkedAt: now };
}
