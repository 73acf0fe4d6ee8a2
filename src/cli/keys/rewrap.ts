// callvault keys rewrap: brings every wrapped key of a tenant to its current key and generation.
import { open, rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import { backlogOf, type Census, readCensus } from '../../vault/keys/census.ts';
import { type Calls, planRewrap } from '../../vault/keys/plan.ts';
import { signReport, toReport } from '../../vault/keys/rewrap/report.ts';
import { type RewrapResult, rewrapTenant } from '../../vault/keys/rewrap/rewrap.ts';
import { wholeNumber } from '../support/options.ts';
import { createProgress, type Progress } from '../support/progress.ts';
import { printLine, withVaultUntilStopped } from '../support/with-vault.ts';

type Options = {
  readonly dryRun: boolean;
  readonly quota?: string;
  readonly share: string;
  readonly concurrency: string;
  readonly sample: string;
  readonly report?: string;
  readonly json: boolean;
};

/** Adds the command. */
export function rewrapCommand(keys: Command): void {
  keys
    .command('rewrap <tenant>')
    .description('bring all wrapped keys to the current generation: no audio is read, stop and go on as you like')
    .option('--dry-run', 'say what there is to do, how long it takes and what the key service charges', false)
    .option('--quota <calls>', 'calls a second that the key service takes from you (default: 10000)')
    .option('--share <percent>', 'how much of that the re-wrap may take', '20')
    .option('--concurrency <n>', 'calls under way at once', '32')
    .option('--sample <n>', 'deposits whose keys and envelopes are opened at the end (needs Decrypt; 0 for none)', '20')
    .option('--report <file>', 'write a signed report to a new file (needs CALLVAULT_SIGNER)')
    .option('--json', 'one JSON object a line', false)
    .action((tenant: string, options: Options) =>
      withVaultUntilStopped(async ({ vault, signer }, by, request) => {
        const { calls } = vault.keys.provider;
        const numbers = numbersOf(options, calls);
        const before = await readCensus(vault, tenant, request);
        if (options.dryRun) return printPlan(before, calls, numbers.rate, options.json);
        if (options.report !== undefined && signer === null) {
          throw new VaultError('config_invalid', 'CALLVAULT_SIGNER must name the file of the key that signs reports');
        }
        const file = options.report === undefined ? null : await openReport(options.report);
        const progress = createProgress({ json: options.json });
        try {
          progress.total(stepsOf(before));
          const told = ({ done, others }: { readonly done: number; readonly others: number }): void =>
            progress.step(done + others);
          const done = await rewrapTenant(vault, by, tenant, numbers, told, request);
          progress.end();
          if (options.json) progress.note(JSON.stringify(toReport(vault.settings.origin, done)));
          else printResult(done, progress);
          if (file !== null && signer !== null) {
            const { note } = await signReport(vault, signer, by, done, request);
            await file.writeFile(note);
            await file.sync();
            printReport(progress, options, signer.verifier);
          }
          if (!done.complete) process.exitCode = 1;
        } catch (error) {
          // An empty file would only be in the way of the next run.
          if (options.report !== undefined) await rm(options.report, { force: true });
          throw error;
        } finally {
          progress.end();
          await file?.close();
        }
      }),
    );
}

function stepsOf(before: Census): number {
  const { dataKeys, envelopes } = backlogOf(before);
  return dataKeys * 2 + envelopes;
}

/** The report's file is made before the work: a full disk or a wrong path is known then. */
async function openReport(path: string) {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    throw new VaultError('malformed', 'the file of --report must be a new one, in a folder that is there', { cause });
  }
}

/** More calls than any account has. */
const MAX_RATE = 1_000_000;

function numbersOf({ quota, share, concurrency, sample }: Options, costs: Calls) {
  const most = quota ?? String(costs?.quota ?? MAX_RATE);
  const rate = (wholeNumber(most, '--quota', 1, MAX_RATE) * Math.min(100, wholeNumber(share, '--share', 1))) / 100;
  return {
    rate,
    concurrency: wholeNumber(concurrency, '--concurrency', 1, MAX_RATE),
    sample: wholeNumber(sample, '--sample', 0, 10_000),
  };
}

function printPlan(before: Census, costs: Calls, rate: number, json: boolean): void {
  const { tenant } = before;
  const { backlog: left, envelopes, calls, pacedSeconds: paced, dollars } = planRewrap(before, costs, rate);
  const { dataKeys, underway, metadataKey } = left;
  if (json) {
    const plan = { data_keys: dataKeys, under_way: underway, envelopes, metadata_key: metadataKey };
    const told = { tenant: tenant.tenant, generation: tenant.wrap, ...plan, seconds: paced, kms_dollars: dollars };
    printLine(JSON.stringify(told));
    return;
  }
  printLine(`${tenant.tenant}: to generation ${tenant.wrap} under ${tenant.key?.id ?? ''}`);
  printLine(`  ${dataKeys} data keys, ${envelopes} envelopes${metadataKey ? ', the metadata key' : ''}`);
  if (underway > 0) printLine(`  ${underway} more are of uploads under way: run it again once they are done`);
  const charge = dollars === 0 ? '' : `, about $${dollars.toFixed(2)} of ${costs?.service} requests`;
  if (calls === 0) printLine('  no call to a key service: keys are wrapped in this process');
  else printLine(`  at most ${rate} calls a second: not under ${durationOf(paced ?? 0)}${charge}`);
}

function durationOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function printResult(done: RewrapResult, { note }: Progress): void {
  const { keys, others, envelopes, sample, backlog: left, tenant } = done;
  note(`${tenant.tenant}: ${keys} data keys and ${envelopes.written} envelopes brought to generation ${tenant.wrap}`);
  if (others > 0) note(`  ${others} were another runner's, or went meanwhile`);
  if (done.refused.length > 0)
    note(`  ${done.refused.length} data keys were refused by the key service, the first of ${done.refused[0]}`);
  if (done.withoutEnvelope.length > 0) {
    note(
      `  ${done.withoutEnvelope.length} deposits have no envelope that can be written, the first ${done.withoutEnvelope[0]}: callvault verify`,
    );
  }
  if (sample.taken > 0) note(`  of a sample of ${sample.taken}, ${sample.opened} open`);
  if (left.underway > 0) note(`  ${left.underway} are of uploads under way: run it again once they are done`);
  if (!done.complete) note('  not complete');
  else if (tenant.minimumWrap < tenant.wrap) note(`  nothing is left below it: callvault keys retire ${tenant.tenant}`);
  else note('  nothing is left below it, and nothing older opens');
}

function printReport({ note }: Progress, { report = '', json }: Options, verifier: string): void {
  if (json) note(JSON.stringify({ report, verifier }));
  else note(`  signed report in ${report}, to be checked with ${verifier}`);
}
