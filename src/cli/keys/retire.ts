// Command that retires the generations below a tenant's current one.
import type { Command } from 'commander';
import { retireKeysByCommand } from '../../vault/commands/change-key.ts';
import { countWrappedKeys } from '../../vault/core/wrapped-keys/census-lines.ts';
import { createProgress } from '../support/progress.ts';
import { addCarryOutOptions, type CarryOutCliOptions, carryOutOrWait } from '../support/second-person.ts';
import { printLine, withVaultUntilStopped } from '../support/with-vault.ts';

/** Registers `callvault keys retire`. */
export function retireCommand(keys: Command): void {
  const command = keys
    .command('retire <tenant>')
    .description(
      'reject older generations permanently; reads every envelope first and fails while any key is at an older one',
    )
    .option('--json', 'print one JSON object per line', false);
  addCarryOutOptions(command).action((tenant: string, options: CarryOutCliOptions & { readonly json: boolean }) =>
    withVaultUntilStopped(({ vault }, by, request) => {
      const { json } = options;
      return carryOutOrWait(
        vault,
        'keys retire',
        options,
        async (how, within) => {
          const progress = createProgress({ json });
          try {
            const lines = await countWrappedKeys(vault, tenant, within);
            progress.total(lines.reduce((sum, line) => sum + line.keys, 0));
            return await retireKeysByCommand(vault, by, { tenant, onProgress: progress.step }, how, within);
          } finally {
            progress.end();
          }
        },
        ({ wrap }) => ({ tenant, generation: wrap }),
        ({ minimum }) =>
          printLine(
            json
              ? JSON.stringify({ tenant, minimum })
              : `${tenant}: generations below ${minimum} no longer open. If the tenant moved from another key, you can now disable that key in the key service.`,
          ),
        () => request,
      );
    }),
  );
}
