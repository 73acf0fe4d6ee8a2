// How many times slower this machine is now than an idle one: tests multiply their delays before a kill by it.
import { runCallvault } from './run-callvault.ts';

/** Milliseconds that an idle machine needs to start the bin. */
const QUIET_MS = 600;
const MOST = 8;

/** A whole number between 1 and 8, measured by the start of the bin. */
export async function measureSlowdown(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 2; n++) {
    const begun = performance.now();
    await runCallvault({}, 'help');
    times.push(performance.now() - begun);
  }
  return Math.min(MOST, Math.ceil(Math.min(...times) / QUIET_MS));
}
