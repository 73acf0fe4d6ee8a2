// callvault api-keys: draw, list and revoke.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { createApiKey, revokeApiKey } from '../vault/people/api-keys.ts';
import { printJson, withVault } from './support/with-vault.ts';

type Options = {
  readonly tenant: string;
  readonly principal: string;
  readonly days: string;
  readonly scope?: readonly string[];
};

/** Adds the commands. */
export function apiKeyCommands(program: Command): void {
  const keys = program.command('api-keys').description('API keys of people and services');
  keys
    .command('create')
    .description('draw a key; its secret is printed once and kept nowhere')
    .requiredOption('--tenant <id>')
    .requiredOption('--principal <id>')
    .option('--days <n>', 'days until it expires', '90')
    .option('--scope <scope...>', 'fewer scopes than the roles allow')
    .action((options: Options) =>
      withVault(async (vault, by, request) => {
        const { tenant, principal, scope } = options;
        printJson(
          await createApiKey(
            vault,
            by,
            { tenant, principal, days: Number(options.days), scopes: scope ?? null },
            request,
          ),
        );
      }),
    );
  keys
    .command('list')
    .description('keys of a tenant, or of one of its people or services, without their secrets')
    .requiredOption('--tenant <id>')
    .option('--principal <id>', 'one person or service; else all')
    .action(({ tenant, principal }: { readonly tenant: string; readonly principal?: string }) =>
      withVault(async (vault, _by, request) => {
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
          const told = state === 'ACTIVE' && expires <= now ? 'EXPIRED' : state;
          printJson({ id, principal: owner, scopes: scopes.join(','), state: told, created, expires });
        }
      }),
    );
  keys
    .command('revoke <id>')
    .description('end a key: it opens nothing from the next request on')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        await revokeApiKey(vault, by, id, null, request);
        printJson({ id, state: 'revoked' });
      }),
    );
}
