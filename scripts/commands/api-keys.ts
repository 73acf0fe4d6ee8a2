// callvault api-keys: draw and revoke.
import type { Command } from 'commander';
import { createApiKey, revokeApiKey } from '../../src/vault/people/api-keys.ts';
import { print, withVault } from './with-vault.ts';

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
        print(
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
    .command('revoke <id>')
    .description('end a key: it opens nothing from the next request on')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        await revokeApiKey(vault, by, id, request);
        print({ id, state: 'revoked' });
      }),
    );
}
