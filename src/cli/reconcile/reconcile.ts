// Command that sends a call list, and reports the calls of its days that are missing, short, different or extra.
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import { withStopSignal } from '../support/stop-signal.ts';
import { type TargetOptions, vaultTarget } from '../support/vault-target.ts';
import { printJson, printLine } from '../support/with-vault.ts';
import { type CallReport, openCallReport } from './call-report.ts';
import { type Counts, callsClient, type TakenList } from './calls-client.ts';

type Options = TargetOptions & {
  readonly source: string;
  readonly list: string;
  readonly report: string;
  readonly json: boolean;
};

/** Registers `callvault reconcile`. */
export function reconcileCommand(program: Command): void {
  program
    .command('reconcile')
    .description(
      'compare a call list with the recordings of its days, over HTTP; sending the same list again changes nothing',
    )
    .requiredOption('--source <name>', 'the source that the calls are uploaded under: A-Z a-z 0-9 . _ -')
    .requiredOption('--list <file>', 'CSV with a line for each call: call_id, started_at, duration_ms, …')
    .requiredOption('--report <file>', 'CSV to write: a line for each missing, failed, short, different or extra call')
    .option('--url <url>', 'address of the vault (default: CALLVAULT_URL)')
    .option('--credential <file>', 'file with the API key that uploads the calls, mode 0600')
    .option('--ca <file>', 'certificates to trust instead of the system’s, PEM')
    .option('--json', 'print one JSON object', false)
    .action((options: Options) => withStopSignal((signal) => reconcile(options, signal)));
}

async function reconcile(options: Options, signal: AbortSignal): Promise<void> {
  const { source, list, json } = options;
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(source))
    throw new VaultError('malformed', '--source must be 1 to 64 of A-Z a-z 0-9 . _ -');
  const { client } = await vaultTarget(options, 1);
  // Before the list is sent: a report that cannot be written is known at once.
  const report = openCallReport(options.report);
  try {
    const calls = callsClient(client, source, signal);
    const taken = await calls.send(list);
    const { from, to } = taken;
    const counts = from === null || to === null ? null : await calls.counts(from, to);
    if (from !== null && to !== null) await reportCalls(calls, from, to, report);
    report.end();
    if (json) printJson({ source, ...taken, counts, report: options.report });
    else printCounts(options, taken, counts);
    if (taken.rejected > 0 || (counts !== null && counts.missing + counts.failed > 0)) process.exitCode = 1;
  } finally {
    report.close();
    client.close();
  }
}

async function reportCalls(
  calls: ReturnType<typeof callsClient>,
  from: string,
  to: string,
  report: CallReport,
): Promise<void> {
  for (const what of ['missing', 'failed', 'short', 'mismatch', 'extra'] as const)
    for await (const call of calls.of(what, from, to)) report.add(what, call);
}

function printCounts({ list, source, report }: Options, taken: TakenList, counts: Counts | null): void {
  const { lines, created, updated, unchanged, rejected, errors, from, to } = taken;
  printLine(
    `${list}: ${lines} calls; ${created} new, ${updated} changed, ${unchanged} as before, ${rejected} rejected`,
  );
  for (const { line, code, columns } of errors)
    printLine(
      `  line ${line}: ${code} ${columns.map(({ column, detail }) => `${column} ${detail}`).join('; ')}`.trimEnd(),
    );
  if (rejected > errors.length) printLine(`  and ${rejected - errors.length} more`);
  printWarnings(taken);
  if (counts === null) return;
  const { expected, stored, pending, failed, missing, short, mismatch, extra } = counts;
  printLine(`${source}, ${from === to ? from : `${from} to ${to}`}: ${expected} expected`);
  printLine(`  ${stored} stored, ${pending} pending, ${failed} failed, ${missing} missing`);
  printLine(`  ${short} short, ${mismatch} different, ${extra} extra`);
  if (missing + failed + short + mismatch + extra > 0) printLine(`The calls are listed in ${report}`);
}

/** What is probably wrong with the list as a whole. */
function printWarnings({ repeated, repeats, start_offset: offset, ended_at: end }: TakenList): void {
  if (end !== null)
    printLine(`  the list ended at line ${end}: 1,000 lines cannot be read; the lines after it were not taken`);
  if (repeated > 0)
    printLine(`  ${repeated} lines repeat the call_id and leg of an earlier line: give each leg its own`);
  for (const { line, first } of repeats) printLine(`    line ${line} repeats line ${first}`);
  if (repeated > repeats.length) printLine(`    and ${repeated - repeats.length} more`);
  if (offset !== null)
    printLine(`  all starts differ from the recordings by ${offset}: look at the offset of started_at`);
}
