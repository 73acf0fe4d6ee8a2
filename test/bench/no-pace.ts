// Pace of listening without any waiting, for the bench only, which measures how fast bytes are opened and sent.
import type { MediaBudgets, mediaBudgets as paced } from '../../src/vault/core/media-budget.ts';

/** Lets everything through at once. */
export const mediaBudgets: typeof paced = (): MediaBudgets => {
  const reply = { take: async (want: number) => want, giveBack: () => undefined };
  const ending = new AbortController();
  return { stream: () => reply, range: () => reply, ending: ending.signal, end: () => ending.abort() };
};
