// The rate limiter of bulk work, by a test clock: even, slower after throttling, and fair to interactive calls.
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { inParallel } from '../../src/vault/core/concurrency.ts';
import { rateLimiter } from '../../src/vault/core/rate-limiter.ts';
import { withRetry } from '../../src/vault/keys/rewrap/with-retry.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';

const request = { signal: new AbortController().signal };
const throttled = () => new VaultError('key_service_unavailable', 'planted', { throttled: true });

/** Takes slots without end and returns their times, and the rate of the last stretch. */
function taking(clock: ManualClock, pace: ReturnType<typeof rateLimiter>) {
  const turns: number[] = [];
  void (async () => {
    for (;;) turns.push(await pace.acquire(request.signal));
  })();
  return {
    turns,
    rateOver: async (seconds: number): Promise<number> => {
      const before = turns.length;
      await clock.forward(seconds * 1000);
      return (turns.length - before) / seconds;
    },
  };
}

describe('the rate limiter', () => {
  it('is even: idle time adds no slots, and late timers lose none', async () => {
    const clock = manualClock();
    const pace = rateLimiter(clock, 400);
    await clock.forward(60_000);
    const { turns, rateOver } = taking(clock, pace);
    expect(await rateOver(2)).toBeCloseTo(400, -1);
    const gaps = turns.slice(1).map((at, n) => at - (turns[n] ?? at));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(3);
    // At the start a late timer's slots come at once, and no more.
    expect(turns.filter((at) => at === turns[0]).length).toBeLessThanOrEqual(9);
  });

  it('pauses for a second after a report, continues at half the rate, and doubles in a minute', async () => {
    const clock = manualClock();
    const pace = rateLimiter(clock, 100);
    const { turns, rateOver } = taking(clock, pace);
    await clock.forward(5_000);
    const told = clock.now();
    pace.backOff(told);
    expect(pace.rate()).toBe(50);
    await clock.forward(999);
    expect(turns.filter((at) => at > told)).toEqual([]);
    expect(await rateOver(4)).toBeCloseTo(51, -1);
    await clock.forward(20_000);
    expect(pace.rate()).toBeCloseTo(50 * 2 ** (25 / 60), 0);
    await clock.forward(36_000);
    expect(pace.rate()).toBe(100);
  });

  it('counts reports of concurrent calls as one', async () => {
    const clock = manualClock();
    const pace = rateLimiter(clock, 64);
    const before = await pace.acquire(request.signal);
    await clock.forward(5_000);
    const now = await pace.acquire(request.signal);
    await clock.forward(3_000);
    pace.backOff(now);
    // However late the reports arrive.
    await clock.forward(8_000);
    for (const turn of [before, now, now]) pace.backOff(turn);
    expect(pace.rate()).toBeCloseTo(32 * 2 ** (8 / 60), 5);
    const turn = pace.acquire(request.signal);
    await clock.forward(1_000);
    pace.backOff(await turn);
    expect(pace.rate()).toBeLessThan(20);
  });

  it('never falls below one call a second, and survives a clock that was set back', async () => {
    const clock = manualClock();
    const pace = rateLimiter(clock, 4);
    for (let n = 0; n < 20; n++) {
      const turn = pace.acquire(request.signal);
      await clock.forward(2_500);
      pace.backOff(await turn);
    }
    expect(pace.rate()).toBe(1);
    clock.set(0);
    const turn = pace.acquire(request.signal);
    await clock.forward(2_000);
    expect(await turn).toBeLessThanOrEqual(2_000);
  });

  it('rejects when the signal fires', async () => {
    const clock = manualClock();
    const pace = rateLimiter(clock, 1);
    const stop = new AbortController();
    await pace.acquire(stop.signal);
    const waiting = [pace.acquire(stop.signal), pace.acquire(stop.signal)];
    stop.abort(new Error('stopped'));
    for (const one of waiting) await expect(one).rejects.toThrow('stopped');
  });
});

describe('withRetry', () => {
  const asked = async (error: () => Error, times: number) => {
    const clock = manualClock();
    let calls = 0;
    const call = () => (calls++ < times ? Promise.reject(error()) : Promise.resolve('there'));
    const result = withRetry(clock, rateLimiter(clock, 100), request, call).catch((failure: unknown) => failure);
    await clock.forward(24 * 3_600_000);
    return { calls, result: await result };
  };
  const away = () => new VaultError('key_service_unavailable', 'planted');

  it('repeats for some minutes while the service is unavailable', async () => {
    expect(await asked(away, 7)).toEqual({ calls: 8, result: 'there' });
    expect(await asked(away, 8)).toMatchObject({ calls: 8, result: { code: 'key_service_unavailable' } });
  });

  it('repeats for long while the service throttles, and then stops', async () => {
    expect(await asked(throttled, 100)).toEqual({ calls: 101, result: 'there' });
    expect(await asked(throttled, 1000)).toMatchObject({ calls: 240, result: { throttled: true } });
  });

  it('does not repeat a denied call', async () => {
    expect(await asked(() => new VaultError('key_refused', 'planted'), 1)).toMatchObject({ calls: 1 });
  });
});

describe('a re-wrap under a quota that others use too', () => {
  const LATENCY_MS = 10;
  const KEYS = 6_000;
  const QUOTA = 100;

  /** A key service with this many calls a second, which keeps up to a second's unused calls. */
  function serviceOf(clock: ManualClock) {
    let [tokens, at] = [QUOTA, clock.now()];
    const counts = { rewrap: 0, rewrapThrottled: 0, playback: 0, playbackThrottled: 0 };
    const call = async (who: 'rewrap' | 'playback'): Promise<void> => {
      tokens = Math.min(QUOTA, tokens + ((clock.now() - at) * QUOTA) / 1000);
      at = clock.now();
      counts[who]++;
      const taken = tokens >= 1;
      if (taken) tokens--;
      else counts[`${who}Throttled`]++;
      await untilPassed(clock, LATENCY_MS);
      if (!taken) throw throttled();
    };
    return { call, counts };
  }

  it('leaves playback its calls, and runs at nearly the rate that is left', async () => {
    const clock = manualClock();
    const { call, counts } = serviceOf(clock);
    const pace = rateLimiter(clock, 2_000);
    const started = clock.now();
    let ended = Number.NaN;
    const work = inParallel(Array.from({ length: KEYS }), 32, () =>
      withRetry(clock, pace, request, () => call('rewrap')),
    ).then(() => {
      ended = clock.now();
    });
    // A session opens every 100 ms: one call each.
    for (let n = 0; Number.isNaN(ended) && n < 10_000; n++) {
      void call('playback').catch(() => undefined);
      await clock.forward(100);
    }
    await work;
    const seconds = (ended - started) / 1000;
    expect(counts.playback).toBeGreaterThan(500);
    // With a limiter that did not pause and grew by doubling, it was one in ten.
    expect(counts.playbackThrottled / counts.playback).toBeLessThan(0.02);
    expect(counts.rewrapThrottled / counts.rewrap).toBeLessThan(0.05);
    expect(KEYS / seconds).toBeGreaterThan(QUOTA / 2);
  });
});

function untilPassed(clock: ManualClock, milliseconds: number): Promise<void> {
  const over = clock.deadline(milliseconds);
  return new Promise((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
}
