// The command line: every command a thin entry over a verb.
import { Command } from 'commander';
import { VaultError } from '../src/errors.ts';
import { problems as chinese } from '../src/messages/zh-CN/problems.ts';
import { apiKeyCommands } from './commands/api-keys.ts';
import { authorityCommands } from './commands/authority.ts';
import { decryptOfflineCommand } from './commands/decrypt-offline.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exposureCommand } from './commands/exposure.ts';
import { keyCommands } from './commands/keys.ts';
import { peopleCommands } from './commands/people.ts';
import { rebuildIndexCommand } from './commands/rebuild-index.ts';
import { recordingCommands } from './commands/recordings.ts';
import { serveCommand } from './commands/serve.ts';
import { STOPPED } from './commands/stoppable.ts';
import { sweepCommand } from './commands/sweep.ts';
import { tenantCommands } from './commands/tenants.ts';
import { verifyCommand } from './commands/verify.ts';

/** All commands. */
export function commands(): Command {
  const program = new Command('callvault').description('The encrypted vault for call recordings');
  // Before the subcommands, which take it over from here.
  program.exitOverride();
  serveCommand(program);
  doctorCommand(program);
  tenantCommands(program);
  peopleCommands(program);
  authorityCommands(program);
  apiKeyCommands(program);
  keyCommands(program);
  exposureCommand(program);
  recordingCommands(program);
  verifyCommand(program);
  sweepCommand(program);
  rebuildIndexCommand(program);
  decryptOfflineCommand(program);
  return program;
}

/** Runs the command in process.argv; problems go to stderr, and the exit code says what kind: 1 refused, 2 usage, 130 stopped. */
export async function run(): Promise<void> {
  // Whoever reads may have seen enough, as `head` has; what the command does is done all the same.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await commands().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** What went wrong, for people: on a Chinese system its title comes first, in Chinese; what exactly is in English. */
function problemText({ code, message }: VaultError, locale: string): string {
  return /^zh\b/.test(locale) ? `${chinese[code]}（${message}）` : message;
}

function report(error: unknown): number {
  if (error instanceof VaultError) {
    process.stderr.write(`callvault: ${problemText(error, Intl.DateTimeFormat().resolvedOptions().locale)}\n`);
    return 1;
  }
  if (error === STOPPED) {
    process.stderr.write('callvault: stopped; what was done stays done, and the same command goes on\n');
    return 130;
  }
  // Commander has printed its own problem; its code says whether it was help that was asked for.
  if (error instanceof Error && 'exitCode' in error) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write('callvault: unexpected error\n');
  if (error instanceof Error) process.stderr.write(`${error.stack ?? error.name}\n`);
  return 70;
}
