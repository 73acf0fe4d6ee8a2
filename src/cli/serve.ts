// callvault serve: the service itself.
import type { Command } from 'commander';
import { packageVersion } from './support/version.ts';

/** Adds the command. */
export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('run the service until SIGTERM')
    .option('--role <role>', 'all, ingest, listen, console or work; wins over CALLVAULT_ROLE')
    .action(async ({ role }: { readonly role?: string }) => {
      // Loaded only here: the HTTP service takes longer to load than any other command to run.
      const { serve } = await import('../main.ts');
      await serve(packageVersion(), role);
    });
}
