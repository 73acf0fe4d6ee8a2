// The pace over all processes: what a session's row leaves, and what replies give back of it.
import { describe, expect, it } from 'vitest';
import { mediaBudgets } from '../../src/vault/core/media-budget.ts';
import { manualClock } from '../support/manual-clock.ts';
import { begin, never, RATE, reading, seconds } from '../support/paced-reading.ts';

describe('the pace of a session', () => {
  it('holds over processes, by what the row has counted', async () => {
    const clock = manualClock();
    const opened = clock.now();
    let played = 0;
    const leftInRow = (): number => 30_000 + 4 * (clock.now() - opened) - played;
    // Three processes, each with a bucket; each counts in the row what it sends.
    const replies = Array.from({ length: 3 }, () => {
      const budget = mediaBudgets(clock).stream({ ...RATE, leftInRow });
      return reading({
        ...budget,
        take: async (want, signal) => {
          const bytes = await budget.take(want, signal);
          played += (bytes * 1_000) / RATE.bytesPerSecond;
          return bytes;
        },
      });
    });
    for (let second = 0; second <= 60; second++) {
      // What each takes at the same moment may be in flight.
      expect(played / 1_000).toBeLessThanOrEqual(30 + 4 * second + 3 * 30);
      if (second > 20) expect(played / 1_000).toBeLessThanOrEqual(30 + 4 * second + 3 * 4);
      await clock.forward(1_000);
    }
    expect(played / 1_000).toBeGreaterThan(200);
    for (const { stop } of replies) stop();
    await Promise.all(replies.map(({ done }) => done));
  });

  it('does not charge what the row counted and no one got', async () => {
    const { budgets } = begin();
    let played = 0;
    const rate = { ...RATE, leftInRow: () => 30_000 - played };
    // A browser that seeks again and again at the beginning aborts each reply after a second.
    for (let seek = 0; seek < 20; seek++) {
      const budget = budgets.stream(rate);
      const bytes = await budget.take(seconds(30), never);
      expect(bytes).toBeGreaterThanOrEqual(seconds(8));
      played += (bytes * 1_000) / RATE.bytesPerSecond;
      const unsent = bytes - seconds(1);
      budget.giveBack(unsent, (unsent * 1_000) / RATE.bytesPerSecond);
    }
  });

  it('holds over processes, whatever a reply gives back that the row did not count', async () => {
    const { clock, budgets } = begin();
    // Another process has sent everything that the row leaves.
    let played = 0;
    const rate = { ...RATE, leftInRow: () => 30_000 - played };
    const stop = new AbortController();
    for (let round = 0; round < 5; round++) {
      const budget = budgets.stream(rate);
      budget.giveBack(await budget.take(seconds(30), never), 0);
    }
    await budgets.range(rate).take(seconds(30), never);
    const waiting = budgets
      .range(rate)
      .take(seconds(30), stop.signal)
      .catch(() => 'given up');
    stop.abort();
    expect(await waiting).toBe('given up');
    played = 30_000;
    await clock.forward(7_500);
    await expect(budgets.range({ ...rate, speed: () => 1 }).take(seconds(11), never)).rejects.toMatchObject({
      code: 'too_fast',
    });
  });

  it('holds for each session, whatever another session of the same call gave back', async () => {
    const { budgets } = begin();
    const first = budgets.stream({ ...RATE, leftInRow: () => 0 });
    first.giveBack(seconds(30), 30_000);
    expect(await first.take(seconds(20), never)).toBe(seconds(20));
    // Another process has sent what the row of the second session leaves.
    const second = { ...RATE, session: 'ses_2', speed: () => 0.001, leftInRow: () => 0 };
    await expect(budgets.range(second).take(seconds(5), never)).rejects.toMatchObject({ code: 'too_fast' });
  });

  it('gives back no more than the bytes, where the row counts in whole milliseconds', async () => {
    const { budgets } = begin();
    let played = 0;
    const rate = { ...RATE, leftInRow: () => 30_000 - played };
    for (let byte = 0; byte < 100; byte++) {
      const budget = budgets.stream(rate);
      await budget.take(2, never);
      played += 1;
      budget.giveBack(1, 1);
    }
    played = 30_000;
    const slow = budgets.range({ ...rate, speed: () => 0.001 });
    await expect(slow.take(RATE.bytesPerSecond / 20, never)).rejects.toMatchObject({ code: 'too_fast' });
  });
});
