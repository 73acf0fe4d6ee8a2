// Command that creates the key that signs the logs: no other command and no process makes one in place of a missing file.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { createFirstSigner } from './support/create-signer.ts';
import { environmentConfig, printJson, printLine } from './support/with-vault.ts';

/** Registers `callvault signer`. */
export function signerCommands(program: Command): void {
  program
    .command('signer')
    .description('the key that signs the logs')
    .command('create')
    .description('create the file that CALLVAULT_SIGNER names and that does not exist yet, and print the verifier key')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { readonly json: boolean }) => {
      const config = await environmentConfig();
      if (config.signer.length === 0)
        throw new VaultError('config_invalid', 'CALLVAULT_SIGNER is not set: set it to the file to create');
      const created = await createFirstSigner(config);
      if (created === null)
        throw new VaultError('conflict', 'the file of CALLVAULT_SIGNER exists already: a signer is created once');
      if (json) return printJson(created);
      for (const file of created.files) printLine(`created ${file}: back it up apart from the database and the store`);
      for (const key of created.keys) printLine(`verifier key of the deployment’s log: ${key}`);
    });
}
