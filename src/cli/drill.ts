// Command that practises a restore on a copy of the database, while the service runs.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import type { Actor } from '../model/audit-event.ts';
import type { RequestContext } from '../vault/core/request-context.ts';
import type { Vault } from '../vault/core/vault.ts';
import { type Drilled, drillRestore, SAMPLE } from '../vault/restored/drill.ts';
import { asSeconds } from './support/duration-words.ts';
import { wholeNumber } from './support/options.ts';
import { printRecovery, problemLine, restoredLogLine, stepsJson } from './support/recovery-report.ts';
import { composeCopyForCommand, printJson, printLine, withVaultUntilStopped } from './support/with-vault.ts';

type Options = {
  readonly database: string;
  readonly rpo?: string;
  readonly rto?: string;
  readonly json: boolean;
};

/** The limits, in seconds; null for none. */
type Limits = { readonly rpo: number | null; readonly rto: number | null };

/** Registers `callvault drill`. */
export function drillCommands(program: Command): void {
  const drill = program.command('drill').description('practise for the loss of the database');
  drill
    .command('restore')
    .description(
      `bring a copy of the database up to the store, which is only read, open up to ${SAMPLE} random recordings wholly, and print RPO and RTO; the copy serves once`,
    )
    .requiredOption('--database <copy>', 'the copy: a SQLite file, or the postgres:// address of a restored database')
    .option('--rpo <seconds>', 'exit with 1 where the copy is further behind than this')
    .option('--rto <seconds>', 'exit with 1 where bringing it up took longer than this')
    .option('--json', 'print one JSON object at the end', false)
    .action(async (options: Options) => {
      const { readDatabase } = await import('../config/database.ts');
      const database = readDatabase(options.database);
      if (database === null)
        throw new VaultError(
          'malformed',
          '--database must be the path of a SQLite file or postgres://USER@HOST/DATABASE',
        );
      const limits = { rpo: limitOf(options.rpo, '--rpo'), rto: limitOf(options.rto, '--rto') };
      await withVaultUntilStopped(
        async ({ vault: live }, by, request) => {
          const { vault: copy, close } = await composeCopyForCommand(database);
          try {
            await practise(live, copy, by, limits, options.json, request);
          } finally {
            await close();
          }
        },
        { compares: false },
      );
    });
}

function limitOf(text: string | undefined, option: string): number | null {
  return text === undefined ? null : wholeNumber(text, option, 0);
}

async function practise(
  live: Vault,
  copy: Vault,
  by: Actor,
  limits: Limits,
  json: boolean,
  request: RequestContext,
): Promise<void> {
  const say = (line: string): void => (json ? void process.stderr.write(`${line}\n`) : printLine(line));
  const done = await drillRestore(
    live,
    copy,
    by,
    {
      sample: SAMPLE,
      restored: (log, restored) => {
        for (const line of restoredLogLine(log, restored, '')) say(line);
      },
      problem: (problem) => say(problemLine(problem)),
    },
    request,
  );
  const beyond = beyondOf(done, limits);
  if (json) printJson(toJson(done, beyond));
  else printText(done);
  for (const line of beyond) say(`✗ ${line}`);
  const { problems } = done.steps;
  if (!json && problems.length + beyond.length === 0) printLine('✓ the copy can be restored; delete it now');
  if (problems.length + beyond.length > 0) process.exitCode = 1;
}

/** Which limits the drill went beyond. */
function beyondOf({ rpo, rto }: Drilled, limits: Limits): string[] {
  return [
    ...(limits.rpo !== null && rpo > limits.rpo ? [`RPO is ${rpo} s, beyond ${limits.rpo} s`] : []),
    ...(limits.rto !== null && rto > limits.rto * 1000 ? [`RTO is ${asSeconds(rto)}, beyond ${limits.rto} s`] : []),
  ];
}

function toJson(
  { steps, backup, lastEvent, newestBlob, rpo, opened, tenants }: Drilled,
  beyond: readonly string[],
): object {
  return {
    ...{ backup, last_event: lastEvent, newest_blob: newestBlob, rpo_seconds: rpo, opened, beyond },
    tenants: tenants.map(({ tenant, erased, entries, withoutRows }) => ({
      ...{ tenant, erased_again: erased, changes_back: entries, uploads_without_rows: withoutRows },
    })),
    ...stepsJson(steps),
  };
}

function printText(done: Drilled): void {
  const { steps, tenants, opened } = done;
  for (const { tenant, erased, entries, withoutRows } of tenants)
    printLine(
      `· ${tenant}: ${erased} erased again, ${entries} later ${entries === 1 ? 'change' : 'changes'} brought back, ${withoutRows} ${withoutRows === 1 ? 'upload' : 'uploads'} for rebuild-index`,
    );
  printLine(`· ${opened} ${opened === 1 ? 'recording' : 'recordings'} opened wholly`);
  printRecovery(done, steps);
}
