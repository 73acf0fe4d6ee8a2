// Commands about the expiry of a tenant's recordings.
import type { Command } from 'commander';
import { readExpiry } from '../vault/retention/read-rules.ts';
import { printJson, withVaultToRead } from './support/with-vault.ts';

/** Registers `callvault expiry`. */
export function expiryCommands(program: Command): void {
  const expiry = program.command('expiry').description('expiry of a tenant’s recordings');
  expiry
    .command('status')
    .description('print whether recordings expire, how many are due, and which rules are being applied')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .action(({ tenant }: { readonly tenant: string }) =>
      withVaultToRead(async (vault, _by, request) => {
        const { expiry: row, due, now } = await readExpiry(vault, tenant, request);
        const today = row?.day === now.slice(0, 10) ? row.erased : 0;
        printJson({
          ...{ tenant, state: row === null ? 'no_rules' : row.state.toLowerCase(), since: row?.since ?? null },
          ...{ by: row?.actor ?? null },
          ...{ applying: row?.applying ?? null, due, erased_today: today },
        });
      }),
    );
}
