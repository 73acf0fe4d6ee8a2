// Command that runs the service.
import type { Command } from 'commander';
import { thisPackage } from './support/this-package.ts';

/** Registers `callvault serve`. */
export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('run the service until SIGTERM')
    .option('--role <role>', 'all, ingest, listen, console or work; overrides CALLVAULT_ROLE')
    .action(async ({ role }: { readonly role?: string }) => {
      // Loaded only here: the HTTP service loads more slowly than any other command runs.
      const { serve } = await import('../main.ts');
      await serve(thisPackage(), role);
    });
}
