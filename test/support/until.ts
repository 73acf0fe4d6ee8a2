// Waiting for a condition, as long as a slow machine may need.
import { setTimeout as sleep } from 'node:timers/promises';

/** Far longer than any step takes: after it, the condition will never hold. */
export const PATIENCE_MS = 300_000;

/** Waits until the condition holds. After the timeout it throws an error with the condition's name and the result of `seen`. */
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
