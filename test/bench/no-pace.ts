// Pace of listening without any waiting, for the bench only, which measures how fast bytes are opened and sent.
import type { MediaBudgets, mediaBudgets as paced } from '../../src/vault/core/media-budget.ts';

/** Milliseconds of audio at once, as in the module. */
export const BURST = 30_000;

/** Lets everything through at once. */
export const mediaBudgets: typeof paced = (): MediaBudgets => {
  const reply = { take: async (want: number) => want, giveBack: () => undefined };
  const ending = new AbortController();
  return { stream: () => reply, range: () => reply, ending: ending.signal, end: () => ending.abort() };
};
