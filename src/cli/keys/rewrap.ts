// Command that re-wraps every wrapped key of a tenant to its current key and generation.
import { open, rm } from 'node:fs/promises';
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import { verifiersOf } from '../../vault/core/proofs/verifier-keys.ts';
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

/** Registers `callvault keys rewrap`. */
export function rewrapCommand(keys: Command): void {
  keys
    .command('rewrap <tenant>')
    .description(
      're-wrap all keys to the current generation; reads no audio, and can be stopped and run again at any time',
    )
    .option(
      '--dry-run',
      'print the number of keys, the duration and the charges of the key service, and change nothing',
      false,
    )
    .option('--quota <calls>', 'calls per second that the key service allows you (default: that of the provider)')
    .option('--share <percent>', 'share of the quota that the re-wrap may use', '20')
    .option('--concurrency <n>', 'calls in flight at once', '32')
    .option(
      '--sample <n>',
      'deposits whose keys and envelopes are opened as a check at the end (needs Decrypt; 0 for none)',
      '20',
    )
    .option('--report <file>', 'write a signed report to a new file (needs CALLVAULT_SIGNER)')
    .option('--json', 'print one JSON object per line', false)
    .action((tenant: string, options: Options) =>
      withVaultUntilStopped(async ({ vault }, by, request) => {
        const { signer } = vault;
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
          const onProgress = ({ done, others }: { readonly done: number; readonly others: number }): void =>
            progress.step(done + others);
          const done = await rewrapTenant(vault, by, tenant, numbers, onProgress, request);
          progress.end();
          if (options.json) progress.note(JSON.stringify(toReport(vault.settings.origin, done)));
          else printResult(done, progress);
          if (file !== null && signer !== null) {
            const { note } = await signReport(vault, signer, by, done, request);
            await file.writeFile(note);
            await file.sync();
            printReport(progress, options, verifiersOf(signer, vault.settings.origin).at(-1) ?? '');
          }
          if (!done.complete) process.exitCode = 1;
        } catch (error) {
          // An empty file would block the next run, which requires a new one.
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

/** Creates the report's file before the work, so that a full disk or a wrong path fails at once. */
async function openReport(path: string) {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    throw new VaultError(
      'malformed',
      'cannot create the file of --report: it must not exist yet, and its folder must exist',
      { cause },
    );
  }
}

/** More requests than any account may make. */
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
  const { dataKeys, underway, metadataKey, ingestKeys } = left;
  if (json) {
    const plan = {
      data_keys: dataKeys,
      under_way: underway,
      envelopes,
      metadata_key: metadataKey,
      ingest_keys: ingestKeys,
    };
    const output = { tenant: tenant.tenant, generation: tenant.wrap, ...plan, seconds: paced, kms_dollars: dollars };
    printLine(JSON.stringify(output));
    return;
  }
  printLine(`${tenant.tenant}: to generation ${tenant.wrap} under ${tenant.key?.id ?? ''}`);
  printLine(
    `  ${dataKeys} data keys, ${envelopes} envelopes${metadataKey ? ', the metadata key' : ''}${ingestKeys > 0 ? `, ${ingestKeys} ingest keys` : ''}`,
  );
  if (underway > 0)
    printLine(`  ${underway} more belong to uploads in progress; run the command again when they complete`);
  const charge = dollars === 0 ? '' : `, about $${dollars.toFixed(2)} of ${costs?.service} requests`;
  if (calls === 0) printLine('  no call to a key service: keys are wrapped in this process');
  else printLine(`  at most ${rate} calls per second: at least ${durationOf(paced ?? 0)}${charge}`);
}

function durationOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function printResult(done: RewrapResult, { note }: Progress): void {
  const { keys, others, envelopes, sample, backlog: left, tenant } = done;
  note(
    `${tenant.tenant}: ${keys} data keys and ${envelopes.written} envelopes re-wrapped to generation ${tenant.wrap}`,
  );
  if (others > 0) note(`  ${others} were re-wrapped by another run or deleted meanwhile`);
  if (done.refused.length > 0)
    note(
      `  ${done.refused.length} data keys could not be re-wrapped: the key service rejected them; the first is of deposit ${done.refused[0]}`,
    );
  if (done.ingestKeys.opened.size > 0) note(`  ${done.ingestKeys.opened.size} ingest keys re-wrapped`);
  if (done.ingestKeys.refused.length > 0)
    note(`  not re-wrapped: ${done.ingestKeys.refused.join(', ')}; run callvault verify`);
  if (done.tenantBlob === 'damaged')
    note('  tenant.json was not written: it and the tenant’s row differ in their metadata key; run callvault verify');
  if (done.damagedIngestKeys.length > 0)
    note(`  not written to the store: ${done.damagedIngestKeys.join(', ')}; run callvault verify`);
  if (done.withoutEnvelope.length > 0) {
    note(
      `  ${done.withoutEnvelope.length} deposits have no valid envelope to rewrite, the first is ${done.withoutEnvelope[0]}; run callvault verify`,
    );
  }
  if (sample.taken > 0) note(`  ${sample.opened} of ${sample.taken} sampled deposits open`);
  if (left.underway > 0)
    note(`  ${left.underway} belong to uploads in progress; run the command again when they complete`);
  if (!done.complete) note('  incomplete: run the command again');
  else if (tenant.minimumWrap < tenant.wrap)
    note(`  complete: no key is at an older generation; next: callvault keys retire ${tenant.tenant}`);
  else note('  complete: no key is at an older generation, and older generations are retired');
}

function printReport({ note }: Progress, { report = '', json }: Options, verifier: string): void {
  if (json) note(JSON.stringify({ report, verifier }));
  else note(`  signed report: ${report}; verifier key: ${verifier}`);
}
