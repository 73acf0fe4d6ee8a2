// callvault serve: the service itself.
import type { Command } from 'commander';
import { serve } from '../../src/main.ts';

/** Adds the command. */
export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('run the service until SIGTERM')
    .option('--role <role>', 'all, ingest, listen, console or work; wins over CALLVAULT_ROLE')
    .action(({ role }: { readonly role?: string }) => serve(role));
}
