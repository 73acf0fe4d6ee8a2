// Command that retires the generations below a tenant's current one.
import type { Command } from 'commander';
import { countWrappedKeys } from '../../vault/core/wrapped-keys/census-lines.ts';
import { retireKeys } from '../../vault/keys/retire.ts';
import { createProgress } from '../support/progress.ts';
import { withVaultUntilStopped } from '../support/with-vault.ts';

/** Registers `callvault keys retire`. */
export function retireCommand(keys: Command): void {
  keys
    .command('retire <tenant>')
    .description(
      'reject older generations permanently; reads every envelope first and fails while any key is at an older one',
    )
    .option('--json', 'print one JSON object per line', false)
    .action((tenant: string, { json }: { readonly json: boolean }) =>
      withVaultUntilStopped(async ({ vault }, by, request) => {
        const progress = createProgress({ json });
        try {
          const lines = await countWrappedKeys(vault, tenant, request);
          progress.total(lines.reduce((sum, line) => sum + line.keys, 0));
          const { minimum } = await retireKeys(vault, by, tenant, progress.step, request);
          progress.end();
          progress.note(
            json
              ? JSON.stringify({ tenant, minimum })
              : `${tenant}: generations below ${minimum} no longer open. If the tenant moved from another key, you can now disable that key in the key service.`,
          );
        } finally {
          progress.end();
        }
      }),
    );
}
