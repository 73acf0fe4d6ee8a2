#!/usr/bin/env node
// Program that seals calls beside a PBX and uploads them: bundled into one file.
import { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { addRelayCommands } from './commands.ts';

const program = new Command('callvault-relay').description('Seals recorded calls beside a PBX and uploads them');
addRelayCommands(program);
try {
  await program.parseAsync();
} catch (error) {
  // Messages of the file system contain paths, and paths may contain numbers of callers.
  const text = error instanceof VaultError ? error.message : `unexpected error (${codeIn(error)})`;
  process.stderr.write(`callvault-relay: ${text}\n`);
  process.exitCode = error instanceof VaultError ? 1 : 70;
}

function codeIn(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String((error as Error | null)?.name);
}
