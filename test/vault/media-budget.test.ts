// The token bucket of listening: 30 seconds of the call at once, then four times real time, whatever requests are made.
import { describe, expect, it } from 'vitest';
import { bytesPerSecond, pieceSize } from '../../src/vault/listening/piece-size.ts';
import { begin, never, RATE, reading, seconds } from '../support/paced-reading.ts';

describe('a stream', () => {
  it('gets 30 seconds of the call at once and then at most four per second', async () => {
    const { clock, budgets } = begin();
    const one = reading(budgets.stream(RATE));
    await clock.forward(0);
    expect(one.sent()).toBe(30);
    let before = one.sent();
    for (let second = 1; second <= 60; second++) {
      await clock.forward(1_000);
      expect(one.sent()).toBeLessThanOrEqual(30 + 4 * second);
      // Slices of one second of time: little is in flight at a revocation.
      expect(one.sent() - before).toBeLessThanOrEqual(8);
      before = one.sent();
    }
    // It leaves a reserve of 12 seconds, and the next slice of 4 may be in flight.
    expect(one.sent()).toBeGreaterThanOrEqual(30 + 4 * 60 - 12 - 4);
    one.stop();
    await one.done;
  });

  it('gets no more where a session has many streams', async () => {
    const { clock, budgets } = begin();
    const all = Array.from({ length: 16 }, () => reading(budgets.stream(RATE)));
    const sum = () => all.reduce((total, { sent }) => total + sent(), 0);
    for (let second = 0; second < 30; second++) {
      expect(sum()).toBeLessThanOrEqual(30 + 4 * second + 0.01);
      await clock.forward(1_000);
    }
    expect(sum()).toBeGreaterThan(100);
    // A proxy that waits a minute between two reads works: no stream waits that long.
    for (const { stop } of all) stop();
    await Promise.all(all.map(({ done }) => done));
  });

  it('after a seek gets eight seconds, however far the earlier stream has read', async () => {
    const { clock, budgets } = begin();
    const first = reading(budgets.stream(RATE));
    await clock.forward(20_000);
    first.stop();
    await first.done;
    expect(await budgets.stream(RATE).take(seconds(30), never)).toBeGreaterThanOrEqual(seconds(8));
  });

  it('waits at most a second for a slice while others seek', async () => {
    const { clock, budgets } = begin();
    await budgets.stream(RATE).take(seconds(30), never);
    const seek = reading(budgets.stream(RATE));
    await clock.forward(1_000);
    expect(seek.sent()).toBeGreaterThanOrEqual(4);
    seek.stop();
    await seek.done;
  });

  it('gives back what it did not send', async () => {
    const { budgets } = begin();
    const budget = budgets.stream(RATE);
    expect(await budget.take(seconds(30), never)).toBe(seconds(30));
    budget.giveBack(seconds(25), 25_000);
    expect(await budgets.range(RATE).take(seconds(25), never)).toBe(seconds(25));
  });

  it('has a bucket per person and recording, which is full again after a while', async () => {
    const { clock, budgets } = begin();
    const take = (listening: string) => budgets.stream({ ...RATE, listening }).take(seconds(60), never);
    expect(await take('ses_1')).toBe(seconds(30));
    expect(await take('ses_2')).toBe(seconds(30));
    await clock.forward(7_500);
    expect(await take('ses_1')).toBe(seconds(30));
    // A clock that was set back adds nothing, and blocks nothing for long.
    clock.set(clock.now() - 3_600_000);
    const late = reading(budgets.stream({ ...RATE, listening: 'ses_1' }));
    await clock.forward(10_000);
    expect(late.sent()).toBeGreaterThan(4);
    expect(late.sent()).toBeLessThanOrEqual(40);
    late.stop();
    await late.done;
  });

  it('ends while it waits when the server shuts down', async () => {
    const { clock, budgets } = begin();
    const one = reading(budgets.stream(RATE));
    await clock.forward(0);
    budgets.end();
    await clock.forward(1_000);
    expect(await one.done).toMatchObject({ code: 'not_available' });
  });
});

describe('the pace of a policy', () => {
  it('is that of every reply, from the moment at which it changes', async () => {
    const { clock, budgets } = begin();
    let speed = 1;
    const one = reading(budgets.stream({ ...RATE, speed: () => speed }));
    await clock.forward(60_000);
    expect(one.sent()).toBeLessThanOrEqual(30 + 60);
    expect(one.sent()).toBeGreaterThanOrEqual(30 + 60 - 12 - 4);
    const before = one.sent();
    speed = 3;
    await clock.forward(60_000);
    expect(one.sent() - before).toBeGreaterThanOrEqual(3 * 60 - 8);
    expect(one.sent() - before).toBeLessThanOrEqual(3 * 60 + 8 + 4);
    one.stop();
    await one.done;
  });

  it('makes a closed range wait ten seconds at most', async () => {
    const { clock, budgets } = begin();
    const rate = { ...RATE, speed: () => 1 };
    await budgets.range(rate).take(seconds(30), never);
    const waiting = budgets.range(rate).take(seconds(10), never);
    await expect(budgets.range(rate).take(seconds(1), never)).rejects.toMatchObject({
      code: 'too_fast',
      retryAfter: 11,
    });
    await clock.forward(10_000);
    expect(await waiting).toBe(seconds(10));
  });
});

describe('a closed range', () => {
  it('is served whole, after its wait', async () => {
    const { clock, budgets } = begin();
    expect(await budgets.range(RATE).take(seconds(30), never)).toBe(seconds(30));
    let got = 0;
    const second = budgets
      .range(RATE)
      .take(seconds(30), never)
      .then((bytes) => {
        got = bytes;
      });
    await clock.forward(7_400);
    expect(got).toBe(0);
    await clock.forward(200);
    await second;
    expect(got).toBe(seconds(30));
  });

  it('that would wait more than ten seconds is rejected at once, with a Retry-After', async () => {
    const { clock, budgets } = begin();
    const range = () => budgets.range(RATE).take(seconds(30), never);
    await range();
    const waiting = range();
    await expect(range()).rejects.toMatchObject({ code: 'too_fast', retryAfter: 15 });
    await clock.forward(7_500);
    await waiting;
  });

  it('that is aborted gives back what it waited for', async () => {
    const { clock, budgets } = begin();
    const stop = new AbortController();
    await budgets.range(RATE).take(seconds(30), never);
    const given = budgets
      .range(RATE)
      .take(seconds(30), stop.signal)
      .catch(() => 'given up');
    stop.abort();
    expect(await given).toBe('given up');
    await clock.forward(7_500);
    expect(await budgets.range(RATE).take(seconds(30), never)).toBe(seconds(30));
  });
});

describe('bytes per second', () => {
  it('follow the duration of the call, and 64 KiB are never more than 30 seconds', () => {
    expect(bytesPerSecond(16_000 * 60, 60_000)).toBe(16_000);
    expect(bytesPerSecond(1_000 * 60, 60_000)).toBeCloseTo(65_536 / 30);
    expect(bytesPerSecond(1_000_000, null)).toBe(8_000);
    for (const [size, durationMs] of [
      [16_000 * 60, 60_000],
      [60_000, 60_000],
      [1_000_000, null],
      [200_000 * 600, 600_000],
    ] as const)
      expect(pieceSize(size, durationMs) / bytesPerSecond(size, durationMs)).toBeLessThanOrEqual(30.01);
  });
});
