// Commands for single recordings, by id.
import type { Command } from 'commander';
import { eraseCommand } from './erase.ts';
import { lifetimeCommand } from './lifetime.ts';
import { reencryptCommand } from './reencrypt.ts';
import { releaseCommand } from './release.ts';

/** Registers `callvault recordings`. */
export function recordingCommands(program: Command): void {
  const recordings = program.command('recordings').description('recordings of a tenant, by id');
  reencryptCommand(recordings);
  eraseCommand(recordings);
  releaseCommand(recordings);
  lifetimeCommand(recordings);
}
