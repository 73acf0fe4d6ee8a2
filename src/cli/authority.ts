// callvault authority: adopting rows of a version that did not seal what gives access.
import type { Command } from 'commander';
import { adoptRows, findAdoptableRows } from '../vault/tenants/adopt-rows.ts';
import { printJson, withVault } from './support/with-vault.ts';

type Options = { readonly tenant: string; readonly dryRun?: true };

/** Adds the command. */
export function authorityCommands(program: Command): void {
  program
    .command('authority')
    .description('rows that give access')
    .command('adopt')
    .description('seal the rows that an older version wrote, once per tenant; until then they give nothing')
    .requiredOption('--tenant <id>')
    .option('--dry-run', 'list the rows and change nothing: read the list before you adopt it')
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
