// callvault serve: the service itself.
import type { Command } from 'commander';
import { serve } from '../../src/main.ts';

/** Adds the command. */
export function serveCommand(program: Command): void {
  program.command('serve').description('run the service until SIGTERM').action(serve);
}
