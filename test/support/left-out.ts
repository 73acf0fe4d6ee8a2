// Says in one line, at the end, which suites were left out on this machine and how to get them.
import { missingNeeds } from './needs.ts';

/** Vitest's global setup: what it returns runs after the last suite. */
export function setup(): () => void {
  const absent = missingNeeds();
  return () => {
    const line = absent.length === 0 ? 'nothing was left out' : `left out: the suites that need ${absent.join(', ')}`;
    process.stdout.write(`\n${line}\n`);
  };
}
