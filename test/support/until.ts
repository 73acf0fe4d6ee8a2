// Waiting for a condition, as long as a slow machine may need for it.
import { setTimeout as sleep } from 'node:timers/promises';

/** Far beyond what anything takes: who waits so long waits for something that does not come. */
export const PATIENCE_MS = 300_000;

/** Waits until the condition holds. Throws with what was waited for, and with what `seen` returns, once patience ends. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { everyMs = 20, patienceMs = PATIENCE_MS, seen = () => '' as unknown } = {},
): Promise<void> {
  const giveUp = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > giveUp) throw new Error(`waited in vain until ${what}; seen: ${JSON.stringify(seen())}`);
    await sleep(everyMs);
  }
}
