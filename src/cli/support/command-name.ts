// Name of the command line, for texts that name the next command.
import { relative } from 'node:path';

/**
 * The `callvault` command as this user types it: the installed name, or the path of the script from the current folder.
 */
export function commandName(): string {
  const script = process.argv[1] ?? '';
  if (!script.endsWith('callvault.js')) return 'callvault';
  const near = relative(process.cwd(), script);
  return `node ${near.startsWith('..') ? script : near}`;
}
