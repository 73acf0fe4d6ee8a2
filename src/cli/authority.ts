// Command that adopts rows of versions that did not protect access rows with a MAC.
import type { Command } from 'commander';
import { adoptRows, findAdoptableRows } from '../vault/tenants/adopt-rows.ts';
import { printJson, withVault } from './support/with-vault.ts';

type Options = { readonly tenant: string; readonly dryRun?: true };

/** Registers `callvault authority`. */
export function authorityCommands(program: Command): void {
  program
    .command('authority')
    .description('rows that grant access')
    .command('adopt')
    .description('add MACs to the rows that an older version wrote, once per tenant; until then they grant no access')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .option('--dry-run', 'list the rows and change nothing; check the list before you adopt it')
    .action(({ tenant, dryRun }: Options) =>
      withVault(async (vault, by, request) => {
        const rows =
          dryRun === true
            ? await findAdoptableRows(vault, tenant, request)
            : await adoptRows(vault, by, tenant, request);
        for (const { roles, ...row } of rows) printJson(roles === undefined ? row : { ...row, roles: roles.join(',') });
        printJson({ tenant, rows: rows.length, adopted: dryRun !== true });
      }),
    );
}
