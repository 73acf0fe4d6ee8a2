// One who follows: what waits for them is bounded, and whoever is too slow is let go.
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../../src/model/principal.ts';
import { newSubscriber } from '../../../src/vault/event-feed/subscriber.ts';

const by = { tenant: 'ten_a', principal: 'usr_a' } as Caller;
const signal = { type: 'approved', request: 'req_a' } as const;
const one = (left: () => void = () => undefined) => newSubscriber(by, 0, 0, 0, left);

describe('one who follows', () => {
  test('is told what waits in order, and what comes while they wait', async () => {
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

  test('and takes nothing is let go at the 257th, and nothing is kept for them', async () => {
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

  test('has no beats waiting behind something else', async () => {
    const { subscription: follower, push: tell } = one();
    tell({ index: 1, update: signal });
    for (let index = 2; index < 2_000; index++) tell({ index, update: null });
    expect(await follower.next()).toEqual({ index: 1, update: signal });
    const next = follower.next();
    follower.stop();
    expect(await next).toBeNull();
  });

  test('who stops is over once, also while they wait', async () => {
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
