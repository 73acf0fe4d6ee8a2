// callvault tenants: create and list.
import type { Command } from 'commander';
import { VaultError } from '../../src/errors.ts';
import { isBasisKind } from '../../src/model/basis.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { print, withVault } from './with-vault.ts';

type CreateOptions = {
  readonly country: string;
  readonly defaultBasis: string;
  readonly admin: string;
  readonly approver: readonly string[];
  readonly approverAgeHours: string;
};

/** Adds the commands. */
export function tenantCommands(program: Command): void {
  const tenants = program.command('tenants').description('customer organisations');
  tenants
    .command('create <name>')
    .description('create a tenant with a key of its own, its first admin and approvers')
    .requiredOption('--country <code>', 'how its numbers without country code are read, e.g. GB')
    .requiredOption('--default-basis <kind>', 'legal basis of recordings that name none (none: quarantined)')
    .requiredOption('--admin <name>', 'first admin')
    .requiredOption('--approver <name...>', 'first approvers')
    .option('--approver-age-hours <hours>', 'accounts younger than this approve nothing', '24')
    .action((name: string, options: CreateOptions) =>
      withVault(async (vault, by, request) => {
        const { defaultBasis } = options;
        if (!isBasisKind(defaultBasis)) throw new VaultError('malformed', 'there is no such legal basis');
        const approverAgeHours = Number(options.approverAgeHours);
        if (!Number.isInteger(approverAgeHours) || approverAgeHours < 0)
          throw new VaultError('malformed', 'the age is a whole number of hours');
        const { country, admin, approver: approvers } = options;
        print(
          await createTenant(vault, by, { name, country, defaultBasis, admin, approvers, approverAgeHours }, request),
        );
      }),
    );
  tenants
    .command('list')
    .description('all tenants')
    .action(() =>
      withVault(async (vault, _by, request) => {
        for (const { tenant, name, state, created } of await vault.db.read((rows) => rows.tenants.all(), request)) {
          print({ tenant, name, state, created });
        }
      }),
    );
}
