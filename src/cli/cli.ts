// Command-line program: picks the command, runs it and reports its problem.
import { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { problems as chinese } from '../messages/zh-CN/problems.ts';
import { readEnvFile } from './support/env-file.ts';
import { STOPPED } from './support/stop-signal.ts';
import { thisPackage } from './support/this-package.ts';
import { markRequiredOptions, reportUsage } from './support/usage.ts';

type RegisterCommands = (program: Command) => void;

/** Registers the commands of each first word. Only the module of the given word is loaded, to start fast. */
const COMMAND_GROUPS: Readonly<Record<string, () => Promise<RegisterCommands>>> = {
  init: async () => (await import('./init/init.ts')).initCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  signer: async () => (await import('./signer.ts')).signerCommands,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  tenants: async () => (await import('./tenants.ts')).tenantCommands,
  people: async () => (await import('./people.ts')).peopleCommands,
  operators: async () => (await import('./people.ts')).operatorCommands,
  changes: async () => (await import('./changes.ts')).changeCommands,
  policy: async () => (await import('./policy.ts')).policyCommands,
  retention: async () => (await import('./retention.ts')).retentionCommands,
  expiry: async () => (await import('./expiry.ts')).expiryCommands,
  teams: async () => (await import('./teams.ts')).teamCommands,
  holds: async () => (await import('./holds.ts')).holdCommands,
  services: async () => (await import('./people.ts')).serviceCommands,
  authority: async () => (await import('./authority.ts')).authorityCommands,
  grants: async () => (await import('./grants.ts')).grantCommands,
  'api-keys': async () => (await import('./api-keys.ts')).apiKeyCommands,
  keys: async () => (await import('./keys/keys.ts')).keyCommands,
  'ingest-key': async () => (await import('./keys/ingest-keys.ts')).ingestKeyCommands,
  exposure: async () => (await import('./exposure/exposure.ts')).exposureCommand,
  recordings: async () => (await import('./recordings/recordings.ts')).recordingCommands,
  relay: async () => (await import('./relay.ts')).relayCommands,
  clock: async () => (await import('./clock.ts')).clockCommands,
  log: async () => (await import('./log.ts')).logCommands,
  certificates: async () => (await import('./certificates.ts')).certificateCommands,
  reconcile: async () => (await import('./reconcile/reconcile.ts')).reconcileCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  sweep: async () => (await import('./sweep.ts')).sweepCommand,
  restored: async () => (await import('./restored.ts')).restoredCommand,
  import: async () => (await import('./import/import.ts')).importCommand,
  drill: async () => (await import('./drill.ts')).drillCommands,
  'rebuild-index': async () => (await import('./rebuild-index.ts')).rebuildIndexCommand,
  'decrypt-offline': async () => (await import('./decrypt-offline.ts')).decryptOfflineCommand,
};

/** Program with all commands, or with those of one first word. */
export async function createProgram(word?: string): Promise<Command> {
  const program = new Command('callvault')
    .description('The encrypted vault for call recordings')
    .version(thisPackage().version, '-V, --version', 'print the version')
    .option('--env-file <file>', 'read CALLVAULT_… variables from this file; they win over the environment');
  // Must come before the subcommands: they inherit it when they are created.
  program.exitOverride();
  markRequiredOptions(program);
  program.hook('preAction', async () => {
    const { envFile } = program.opts<{ readonly envFile?: string }>();
    if (envFile === undefined) return;
    const { setVariables } = await import('../config.ts');
    setVariables(readEnvFile(envFile));
  });
  const chosen = Object.entries(COMMAND_GROUPS).filter(([name]) => name === word);
  for (const [, load] of chosen.length > 0 ? chosen : Object.entries(COMMAND_GROUPS)) (await load())(program);
  reportUsage(program);
  return program;
}

/**
 * Runs the command in process.argv. Problems go to stderr; the exit code is 1 for a problem, 2 for wrong usage, 70 for
 * an unexpected error and 130 after a signal.
 */
export async function run(): Promise<void> {
  // A reader such as `head` may close the pipe; the command still completes.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await (await createProgram(process.argv[2])).parseAsync();
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

/** Text of a problem for people: on a Chinese system the Chinese title, with the English details in parentheses. */
function problemText({ code, message }: VaultError, locale: string): string {
  return /^zh\b/.test(locale) ? `${chinese[code]}（${message}）` : message;
}

function reportError(error: unknown): number {
  if (error instanceof VaultError) {
    process.stderr.write(`callvault: ${problemText(error, Intl.DateTimeFormat().resolvedOptions().locale)}\n`);
    return 1;
  }
  if (error === STOPPED) {
    process.stderr.write('callvault: stopped; completed work is kept. Run the same command again to continue.\n');
    return 130;
  }
  // Commander has already printed its problem. Its code is 0 when help was requested.
  if (error instanceof Error && 'exitCode' in error) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write('callvault: unexpected error\n');
  if (error instanceof Error) process.stderr.write(`${error.stack ?? error.name}\n`);
  return 70;
}
