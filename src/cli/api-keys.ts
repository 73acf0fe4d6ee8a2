// Commands that create, list and revoke API keys.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { createApiKeyByCommand } from '../vault/commands/create-api-key.ts';
import { revokeApiKey } from '../vault/people/api-keys.ts';
import { addCarryOutOptions, type CarryOutCliOptions, carryOutOrWait } from './support/second-person.ts';
import { printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type Options = {
  readonly tenant: string;
  readonly principal: string;
  readonly days: string;
  readonly scope?: readonly string[];
};

/** Registers `callvault api-keys`. */
export function apiKeyCommands(program: Command): void {
  const keys = program.command('api-keys').description('API keys of people and services');
  const create = keys
    .command('create')
    .description('create an API key, once a second person confirms; the secret is printed once and never stored')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--principal <id>', 'id of the person or service')
    .option('--days <n>', 'days until it expires', '90')
    .option('--scope <scope...>', 'limit the key to these scopes (default: all that the roles allow)');
  addCarryOutOptions(create).action((options: Options & CarryOutCliOptions) =>
    withVault((vault, by) => {
      const { tenant, principal, scope } = options;
      const what = { tenant, principal, days: Number(options.days), scopes: scope ?? null };
      return carryOutOrWait(
        vault,
        'api-keys create',
        options,
        (how, request) => createApiKeyByCommand(vault, by, what, how, request),
        ({ key }) => ({ id: key }),
        printJson,
      );
    }),
  );
  keys
    .command('list')
    .description('list the API keys of a tenant or of one principal, without their secrets')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .option('--principal <id>', 'only keys of this person or service (default: all)')
    .action(({ tenant, principal }: { readonly tenant: string; readonly principal?: string }) =>
      withVaultToRead(async (vault, _by, request) => {
        const { found, now, rows } = await vault.db.read(
          async (read) => ({
            found: await read.tenants.find(tenant),
            now: await read.now(),
            rows: await read.principals.apiKeys(tenant, principal ?? null),
          }),
          request,
        );
        if (found === null) throw new VaultError('not_found', 'there is no such tenant');
        for (const { id, principal: owner, scopes, state, created, expires } of rows) {
          const shownState = state === 'ACTIVE' && expires <= now ? 'EXPIRED' : state;
          printJson({ id, principal: owner, scopes: scopes.join(','), state: shownState, created, expires });
        }
      }),
    );
  keys
    .command('revoke <id>')
    .description('revoke an API key; it stops working immediately')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        await revokeApiKey(vault, by, id, null, request);
        printJson({ id, state: 'revoked' });
      }),
    );
}
