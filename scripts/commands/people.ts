// callvault people and services: adding principals to a tenant.
import type { Command } from 'commander';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { print, withVault } from './with-vault.ts';

type Options = { readonly tenant: string; readonly role: readonly string[]; readonly owner?: readonly string[] };

/** Adds the commands. */
export function peopleCommands(program: Command): void {
  const add = (kind: 'person' | 'service') => (name: string, options: Options) =>
    withVault(async (vault, by, request) => {
      const what = { tenant: options.tenant, kind, name, roles: options.role, owners: options.owner ?? [] };
      print({ id: await addPrincipal(vault, by, what, request) });
    });
  program
    .command('people')
    .description('people of a tenant')
    .command('add <name>')
    .description('add a person')
    .requiredOption('--tenant <id>')
    .requiredOption('--role <role...>', 'reviewer, supervisor, privacy, auditor, admin')
    .action(add('person'));
  program
    .command('services')
    .description('services of a tenant: telephony platforms')
    .command('add <name>')
    .description('add a service')
    .requiredOption('--tenant <id>')
    .requiredOption('--owner <person...>', 'ids of the people who answer for it')
    .option('--role <role...>', 'uploader', ['uploader'])
    .action(add('service'));
}
