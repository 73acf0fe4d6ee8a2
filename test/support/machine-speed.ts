// How many times slower this machine is now than a quiet one: kills come after times that are multiples of it.
import { runCallvault } from './run-callvault.ts';

/** Milliseconds that a quiet machine takes to start the bin. */
const QUIET_MS = 600;
const MOST = 8;

/** Between 1 and 8, by how long the bin takes to start: whole, so that what is made of it is. */
export async function measureSlowdown(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 2; n++) {
    const begun = performance.now();
    await runCallvault({}, 'help');
    times.push(performance.now() - begun);
  }
  return Math.min(MOST, Math.ceil(Math.min(...times) / QUIET_MS));
}
