#!/usr/bin/env node
// Program that seals calls beside a PBX and uploads them: bundled into one file.
import { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { addRelayCommands } from './commands.ts';
import { codeOf } from './error-code.ts';

const program = new Command('callvault-relay').description('Seals recorded calls beside a PBX and uploads them');
addRelayCommands(program);
try {
  await program.parseAsync();
} catch (error) {
  // Messages of the file system contain paths, and paths may contain numbers of callers.
  const text = error instanceof VaultError ? error.message : `unexpected error (${codeOf(error)})`;
  process.stderr.write(`callvault-relay: ${text}\n`);
  process.exitCode = error instanceof VaultError ? 1 : 70;
}
