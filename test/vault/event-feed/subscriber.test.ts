// A subscriber: its queue is bounded, and a slow one is dropped.
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/model/principal.ts';
import { newSubscriber } from '../../../src/vault/event-feed/subscriber.ts';

const by = { tenant: 'ten_a', principal: 'usr_a' } as Caller;
const signal = { type: 'approved', request: 'req_a' } as const;
const one = (left: () => void = () => undefined) => newSubscriber(by, 0, 0, 0, left);

describe('a subscriber', () => {
  it('gets queued items in order, and new items while it waits', async () => {
    const { subscription: follower, push: tell } = one();
    for (const index of [1, 2]) tell({ index, update: signal });
    expect([await follower.next(), await follower.next()]).toEqual([
      { index: 1, update: signal },
      { index: 2, update: signal },
    ]);
    const next = follower.next();
    tell({ index: 3, update: null });
    expect(await next).toEqual({ index: 3, update: null });
  });

  it('is dropped at the 257th item in its queue, which is then emptied', async () => {
    let lefts = 0;
    const { subscription: follower, push: tell } = one(() => {
      lefts++;
    });
    for (let index = 0; index < 256; index++) tell({ index, update: signal });
    expect(lefts).toBe(0);
    tell({ index: 256, update: signal });
    tell({ index: 257, update: signal });
    expect([lefts, await follower.next(), await follower.next()]).toEqual([1, null, null]);
  });

  it('has no heartbeats queued behind other items', async () => {
    const { subscription: follower, push: tell } = one();
    tell({ index: 1, update: signal });
    for (let index = 2; index < 2_000; index++) tell({ index, update: null });
    expect(await follower.next()).toEqual({ index: 1, update: signal });
    const next = follower.next();
    follower.stop();
    expect(await next).toBeNull();
  });

  it('ends once when it stops, also while it waits', async () => {
    let lefts = 0;
    const { subscription: follower } = one(() => {
      lefts++;
    });
    const next = follower.next();
    follower.stop();
    follower.stop();
    expect([await next, lefts]).toEqual([null, 1]);
  });
});
