// One line at the end of a run: the suites that this machine left out, and how to install what they need.
import { missingNeeds } from './needs.ts';

/** Vitest's global setup; Vitest calls the returned function after the last suite. */
export function setup(): () => void {
  const absent = missingNeeds();
  return () => {
    const line = absent.length === 0 ? 'nothing was left out' : `left out: the suites that need ${absent.join(', ')}`;
    process.stdout.write(`\n${line}\n`);
  };
}
