// Command that uploads an archive of recordings over HTTP; again, it continues.
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import { unfinishedReport } from '../support/csv-report.ts';
import { wholeNumber } from '../support/options.ts';
import { createProgress } from '../support/progress.ts';
import { withStopSignal } from '../support/stop-signal.ts';
import { vaultTarget } from '../support/vault-target.ts';
import { dryRun } from './dry-run.ts';
import { openJournal } from './journal.ts';
import { chooseLayout, LAYOUTS, type LayoutOptions } from './layouts.ts';
import { openReport } from './report.ts';
import { type ImportCounts, type ImportTarget, importFolder, isComplete } from './run.ts';
import { fileSender } from './send.ts';

type Options = LayoutOptions & {
  readonly source: string;
  readonly url?: string;
  readonly credential?: string;
  readonly ca?: string;
  readonly journal?: string;
  readonly report?: string;
  readonly concurrency: string;
  readonly tries: string;
  readonly dryRun: boolean;
  readonly json: boolean;
};

/** Registers `callvault import`. */
export function importCommand(program: Command): void {
  program
    .command('import <folder>')
    .description('upload an archive of recordings with their metadata and transcripts; run again, it continues')
    .requiredOption('--source <name>', 'name of the platform in the recordings’ keys: A-Z a-z 0-9 . _ -')
    .option('--manifest <file>', 'CSV with a row for each recording: file, call_id, …')
    .option('--columns <file>', 'JSON that maps other columns of the manifest to these names')
    .option('--layout <name>', `folders of a platform: ${LAYOUTS.join(', ')}`)
    .option('--pattern <regex>', 'with --layout file-name: a pattern of paths with named groups')
    .option('--zone <name>', 'time zone of times in file names', 'UTC')
    .option('--url <url>', 'address of the vault (default: CALLVAULT_URL)')
    .option('--credential <file>', 'file with the API key of an uploader, mode 0600')
    .option('--ca <file>', 'certificates to trust instead of the system’s, PEM')
    .option('--journal <file>', 'where it keeps what the vault has confirmed (default: beside the folder)')
    .option('--report <file>', 'CSV of files that are not in the vault (default: beside the folder)')
    .option('--concurrency <n>', 'uploads at a time, 1 to 32', '4')
    .option('--tries <n>', 'how often a file is sent before it counts as failed', '8')
    .option('--dry-run', 'send nothing: report what is not understood or would be rejected', false)
    .option('--json', 'print the counts as JSON', false)
    .action((folder: string, options: Options) => withStopSignal((signal) => runImport(folder, options, signal)));
}

async function runImport(folder: string, options: Options, signal: AbortSignal): Promise<void> {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(options.source))
    throw new VaultError('malformed', '--source must be 1 to 64 of A-Z a-z 0-9 . _ -');
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new VaultError('malformed', 'the archive must be a folder');
  const concurrency = wholeNumber(options.concurrency, '--concurrency', 1, 32);
  const tries = wholeNumber(options.tries, '--tries', 1, 1_000);
  const chosen = await chooseLayout(options);
  const beside = (ending: string): string => join(dirname(resolve(folder)), `${basename(resolve(folder))}${ending}`);
  const journalPath = options.journal ?? beside('.import-journal');
  const reportPath = options.report ?? beside('.import-report.csv');
  const own = [
    journalPath,
    reportPath,
    unfinishedReport(reportPath),
    options.manifest,
    options.columns,
    options.credential,
  ];
  const { sender, journal, close } = options.dryRun
    ? dryRun(options.source)
    : await openTarget(options, { journalPath, concurrency, tries, signal });
  const report = openReport(reportPath);
  const progress = createProgress({ json: options.json });
  try {
    const counts = await importFolder({
      ...{ folder, layout: chosen.layout, expected: chosen.expected, source: options.source, concurrency },
      ...{ journal, sender, report, progress, signal },
      own: new Set(own.flatMap((path) => (path === undefined ? [] : pathIn(folder, path)))),
    });
    progress.end();
    report.end();
    printCounts(counts, { ...options, reportPath, unreadable: chosen.unreadable });
    if (!isComplete(counts) || chosen.unreadable > 0) process.exitCode = 1;
  } finally {
    progress.end();
    report.close();
    close();
  }
}

/** The vault to send to, and the journal of what it has confirmed. */
async function openTarget(
  options: Options,
  {
    journalPath,
    concurrency,
    tries,
    signal,
  }: {
    readonly journalPath: string;
    readonly concurrency: number;
    readonly tries: number;
    readonly signal: AbortSignal;
  },
): Promise<ImportTarget> {
  const { source } = options;
  const { url, client } = await vaultTarget(options, concurrency);
  const sender = fileSender(client, { source, tries, signal });
  const journal = openJournal(journalPath, { url, tenant: await sender.tenant(), source });
  const close = (): void => {
    journal.close();
    client.close();
  };
  return { sender, journal, close };
}

/** A path inside the folder as its files are listed; none for one outside. */
function pathIn(folder: string, path: string): string[] {
  const inside = relative(folder, path);
  return inside.startsWith('..') ? [] : [inside.split(sep).join('/')];
}

function printCounts(
  counts: ImportCounts,
  {
    json,
    dryRun,
    reportPath,
    unreadable,
  }: { readonly json: boolean; readonly dryRun: boolean; readonly reportPath: string; readonly unreadable: number },
): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...counts, unreadable_rows: unreadable, report: reportPath })}\n`);
    return;
  }
  const verb = dryRun ? 'would be imported' : 'imported';
  const parts = [
    `${counts.files} files: ${counts.stored} ${verb}`,
    ...(counts.again > 0 ? [`${counts.again} already in the vault`] : []),
    ...(['left-out', 'not-understood', 'rejected', 'differs', 'failed'] as const)
      .filter((name) => counts[name] > 0)
      .map((name) => `${counts[name]} ${name.replace('-', ' ')}`),
    ...(unreadable > 0 ? [`${unreadable} rows of the manifest without file or call_id`] : []),
  ];
  process.stdout.write(`${parts.join(', ')}\n`);
  const listed = counts['left-out'] + counts['not-understood'] + counts.rejected + counts.differs + counts.failed;
  if (listed > 0) process.stdout.write(`Files that are not in the vault are listed in ${reportPath}\n`);
}
