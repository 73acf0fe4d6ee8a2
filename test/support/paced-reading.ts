// Replies of a paced listener, on a clock of the test.
import { mediaBudgets, type ReplyBudget } from '../../src/vault/core/media-budget.ts';
import { manualClock } from './manual-clock.ts';

/** Eight thousand bytes a second at four times real time, whatever the row leaves. */
export const RATE = {
  ...{ listening: 'usr_1 rec_1', session: 'ses_1', bytesPerSecond: 8_000 },
  ...{ speed: () => 4, leftInRow: () => Number.POSITIVE_INFINITY },
};
/** The bytes of so many seconds. */
export const seconds = (count: number): number => count * RATE.bytesPerSecond;
/** A signal of a reply that nothing stops. */
export const never = new AbortController().signal;

/** Budgets on a clock of the test. */
export function begin() {
  const clock = manualClock();
  return { clock, budgets: mediaBudgets(clock) };
}

/** Takes as much as possible, as fast as possible, until it is stopped; `sent` returns how many bytes so far. */
export function reading(budget: ReplyBudget) {
  const stop = new AbortController();
  let bytes = 0;
  const done = (async () => {
    for (;;) bytes += await budget.take(seconds(30), stop.signal);
  })().catch((error: unknown) => error);
  return { sent: () => bytes / RATE.bytesPerSecond, stop: () => stop.abort(), done };
}
