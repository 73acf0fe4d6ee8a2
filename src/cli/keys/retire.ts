// callvault keys retire: nothing below the current generation opens any more, once nothing names an older one.
import type { Command } from 'commander';
import { retireKeys } from '../../vault/keys/retire.ts';
import { createProgress } from '../support/progress.ts';
import { withVaultUntilStopped } from '../support/with-vault.ts';

/** Adds the command. */
export function retireCommand(keys: Command): void {
  keys
    .command('retire <tenant>')
    .description('refuse older generations for good; reads every envelope first, and refuses while anything names one')
    .option('--json', 'one JSON object a line', false)
    .action((tenant: string, { json }: { readonly json: boolean }) =>
      withVaultUntilStopped(async ({ vault }, by, request) => {
        const progress = createProgress({ json });
        try {
          const lines = await vault.db.read((rows) => rows.wrappedKeys.census(tenant), request);
          progress.total(lines.reduce((sum, line) => sum + line.keys, 0));
          const { minimum } = await retireKeys(vault, by, tenant, progress.step, request);
          progress.end();
          progress.note(
            json
              ? JSON.stringify({ tenant, minimum })
              : `${tenant}: nothing below generation ${minimum} opens any more. If the tenant was moved away from a key, that key can be disabled now, in the key service.`,
          );
        } finally {
          progress.end();
        }
      }),
    );
}
