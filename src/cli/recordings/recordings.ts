// callvault recordings: what operators do with single recordings, by their ids.
import type { Command } from 'commander';
import { eraseCommand } from './erase.ts';
import { reencryptCommand } from './reencrypt.ts';

/** Adds the commands. */
export function recordingCommands(program: Command): void {
  const recordings = program.command('recordings').description('recordings of a tenant, by their ids');
  reencryptCommand(recordings);
  eraseCommand(recordings);
}
