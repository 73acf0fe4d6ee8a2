// Media budgets without a pace, for tests of other subjects.
import type { MediaBudgets } from '../../src/vault/core/media-budget.ts';

export function unpacedBudgets(): MediaBudgets {
  const reply = { take: async (want: number) => want, giveBack: () => undefined };
  const ending = new AbortController();
  return { stream: () => reply, range: () => reply, ending: ending.signal, end: () => ending.abort() };
}
