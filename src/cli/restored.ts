// Command for a database that an operator put back from a backup: pauses expiry and brings it up to the store.
import type { Command } from 'commander';
import type { Actor, StoredEvent } from '../model/audit-event.ts';
import type { RequestContext } from '../vault/core/request-context.ts';
import type { Vault } from '../vault/core/vault.ts';
import type { LogChange } from '../vault/restored/restore-logs.ts';
import { type RestoredVault, restoreVault } from '../vault/restored/restore-vault.ts';
import { printRecovery, problemLine, restoredLogLine, stepsJson } from './support/recovery-report.ts';
import { saveEvents } from './support/save-events.ts';
import { waitForChange } from './support/wait-for-change.ts';
import { printJson, printLine, withVaultUntilStopped } from './support/with-vault.ts';

type Options = {
  readonly key: readonly string[];
  readonly alone?: true;
  readonly wait: boolean;
  readonly json: boolean;
};

/** Registers `callvault restored`. */
export function restoredCommand(program: Command): void {
  program
    .command('restored')
    .description(
      'after you put back a backup of the database: pause expiry, bring logs, erasures and later changes back from the store, and print how far the backup was behind',
    )
    .requiredOption(
      '--key <id...>',
      'ids of the tenants’ keys that you trust; under any other key nothing is brought back',
    )
    .option('--alone', 'restore tenants’ logs at once, without the second person: the log says so')
    .option('--no-wait', 'do not wait for the second person: run the command again once it is approved')
    .option('--json', 'print one JSON object at the end', false)
    .action((options: Options) =>
      withVaultUntilStopped(({ vault }, by, request) => restore(vault, by, options, request), { compares: false }),
    );
}

async function restore(vault: Vault, by: Actor, options: Options, request: RequestContext): Promise<void> {
  const { key: keys, alone, wait, json } = options;
  const at = new Date().toISOString().replaceAll(':', '');
  const say = (line: string): void => (json ? void process.stderr.write(`${line}\n`) : printLine(line));
  const done = await restoreVault(
    vault,
    by,
    {
      keys,
      alone: alone === true,
      isCopy: false,
      save: (log) => (events: AsyncIterable<StoredEvent>) => saveEvents(fileOf(log, at), events),
      confirmed: (opened) => confirmed(vault, opened, wait),
      restored: (log, restored) => {
        for (const line of restoredLogLine(log, restored, fileOf(log, at))) say(line);
      },
      problem: (problem) => say(problemLine(problem)),
    },
    request,
  );
  if (json) printJson(toJson(done));
  else printText(done);
  if (done.steps.problems.length > 0) process.exitCode = 1;
}

function fileOf(log: string, at: string): string {
  return `callvault-removed-${log}-${at}.jsonl`;
}

/** Waits until another operator decides, unless the command does not wait. */
async function confirmed(vault: Vault, { log, change }: LogChange, wait: boolean): Promise<boolean> {
  const { url } = vault.settings;
  const where = url === null ? 'in the console' : `at ${url}/changes/${change.id}`;
  process.stderr.write(
    `callvault: the log of ${log} is not restored yet: sign ${change.id} ${where}, then another operator confirms it\n`,
  );
  if (!wait) return false;
  const ended = await waitForChange(vault, change.id, 'run the same command again');
  return ended?.change.state === 'APPROVED';
}

function toJson(done: RestoredVault): object {
  const { steps, nothing, backup, lastEvent, newestBlob, rpo, logs, paused, tenants } = done;
  return {
    ...{ nothing_to_do: nothing, backup, last_event: lastEvent, newest_blob: newestBlob, rpo_seconds: rpo },
    ...{ logs_restored: logs, expiry_paused: paused },
    tenants: tenants.map(({ tenant, erased, entries, ingestKeys, withoutRows }) => ({
      ...{
        tenant,
        erased_again: erased,
        changes_back: entries,
        ingest_keys_back: ingestKeys,
        uploads_without_rows: withoutRows,
      },
    })),
    ...stepsJson(steps),
  };
}

function printText(done: RestoredVault): void {
  const { steps, nothing, paused, tenants } = done;
  for (const tenant of paused) printLine(`✓ ${tenant}: expiry is paused until two people resume it`);
  for (const { tenant, erased, entries, ingestKeys } of tenants) {
    const what = [
      ...(erased > 0 ? [`${erased} ${erased === 1 ? 'recording' : 'recordings'} erased again`] : []),
      ...(entries > 0 ? [`${entries} later ${entries === 1 ? 'change' : 'changes'} brought back`] : []),
      ...(ingestKeys > 0 ? [`${ingestKeys} ingest ${ingestKeys === 1 ? 'key' : 'keys'} brought back`] : []),
    ];
    if (what.length > 0) printLine(`✓ ${tenant}: ${what.join(', ')}`);
  }
  for (const { tenant, withoutRows } of tenants) {
    if (withoutRows === 0) continue;
    const what = withoutRows === 1 ? '1 upload has no row' : `${withoutRows} uploads have no rows`;
    printLine(`! ${tenant}: ${what} since the backup: run callvault rebuild-index --tenant ${tenant}`);
  }
  const { problems } = steps;
  if (nothing && problems.length === 0) {
    printLine('✓ nothing to do: the database is up to the store, and expiry does not run');
    return;
  }
  printRecovery(done, steps, nothing);
  const left = problems.length === 1 ? '1 problem is left' : `${problems.length} problems are left`;
  if (problems.length > 0) printLine(`✗ ${left}: mend the cause, then run the command again`);
}
