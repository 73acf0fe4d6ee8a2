// The name of the command line, for texts that say what to run next.
import { relative } from 'node:path';

/** How the person who runs this types `callvault`: the installed name, or the path of the script from here. */
export function commandName(): string {
  const script = process.argv[1] ?? '';
  if (!script.endsWith('callvault.js')) return 'callvault';
  const near = relative(process.cwd(), script);
  return `node ${near.startsWith('..') ? script : near}`;
}
