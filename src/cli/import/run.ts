// An import: recordings first, a few at a time, then transcripts of those that the vault has.
import type { Layout, Reading, Understood } from '../../connectors/layout.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Progress } from '../support/progress.ts';
import { type ArchivedFile, filesIn, openIn, textsIn } from './folder.ts';
import type { Journal } from './journal.ts';
import { notUnderstood, OUTCOMES, type Outcome, type Report, type ReportLine } from './report.ts';
import type { FileBody, Sender, Sent } from './send.ts';

/** Counts of files. `again`: the journal had them, or the vault had stored the same bytes. */
export type ImportCounts = Record<'files' | 'stored' | 'again' | Outcome, number>;

/** Where files go: the vault and the journal of what it has confirmed, or what a dry run has for them. */
export type ImportTarget = {
  readonly sender: Pick<Sender, 'recording' | 'transcript'>;
  readonly journal: Omit<Journal, 'close'>;
  readonly close: () => void;
};

export type Import = Pick<ImportTarget, 'sender' | 'journal'> & {
  readonly folder: string;
  readonly layout: Layout;
  /** Files that a manifest names. */
  readonly expected: Iterable<string>;
  readonly source: string;
  readonly concurrency: number;
  readonly report: Report;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Files that the command itself writes. */
  readonly own: ReadonlySet<string>;
};

/** Imports a folder. Throws the signal's reason, `forbidden` for a credential that does not work, and what the disk throws. */
export async function importFolder(of: Import): Promise<ImportCounts> {
  const counts = Object.fromEntries(['files', 'stored', 'again', ...OUTCOMES].map((name) => [name, 0])) as ImportCounts;
  const add = (line: ReportLine): void => {
    counts[line.outcome] += 1;
    of.report.add(line);
  };
  const { recordings, transcripts, listed } = await entriesOf(of, counts, add);
  of.progress.total(recordings.length + transcripts.length);
  for (const paths of [recordings, transcripts]) {
    await eachOf(paths, of.concurrency, of.signal, async (path) => {
      const line = await importFile({ ...of, listed }, path, counts);
      if (line !== null) add(line);
      of.progress.step(1);
    });
  }
  return counts;
}

/** An import, and the files that its folder has. */
type ListedImport = Import & { readonly listed: ReadonlySet<string> };

/** The files to import, transcripts apart, and all that are no links; reports all others. */
async function entriesOf(
  { folder, layout, expected, own, signal }: Import,
  counts: ImportCounts,
  add: (line: ReportLine) => void,
): Promise<
  Pick<ListedImport, 'listed'> & { readonly recordings: readonly string[]; readonly transcripts: readonly string[] }
> {
  const [recordings, transcripts]: [string[], string[]] = [[], []];
  const listed = new Set<string>();
  const missing = new Set(expected);
  const [metadata, described]: [string[], Set<string>] = [[], new Set()];
  for await (const { path, isLink } of filesIn(folder)) {
    signal.throwIfAborted();
    if (own.has(path)) continue;
    counts.files += 1;
    missing.delete(path);
    if (!isLink) listed.add(path);
    const role = isLink ? ({ why: 'a-link' } as const) : layout.roleOf(path);
    if (role === 'metadata') metadata.push(path);
    if (role === 'metadata' || role === 'beside') continue;
    for (const one of layout.besideOf(path)) described.add(one);
    if (role === 'recording') recordings.push(path);
    else if (role === 'transcript') transcripts.push(path);
    else add(notUnderstood(path, role));
  }
  // Metadata alone: the archive has lost a call.
  for (const path of metadata) if (!described.has(path)) add(notUnderstood(path, { why: 'no-recording' }));
  for (const path of missing) add(notUnderstood(path, { why: 'file-missing' }));
  return { recordings, transcripts, listed };
}

/** Imports a file. Returns its line of the report, or null where the vault has it. */
async function importFile(of: ListedImport, path: string, counts: ImportCounts): Promise<ReportLine | null> {
  try {
    return await importReadable(of, path, counts);
  } catch (error) {
    if (of.signal.aborted || hasCode(error, 'forbidden')) throw error;
    // Of a file that cannot be read, or changes, the others are still imported.
    if (error instanceof VaultError && error.code === 'conflict' && error.cause === undefined)
      return { file: path, outcome: 'failed', code: 'file-changed', detail: error.message };
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code))
      return { file: path, outcome: 'failed', code, detail: 'the file or its metadata cannot be read' };
    throw error;
  }
}

/** The same. Throws what the disk throws, and `conflict` for a file that changes meanwhile. */
async function importReadable(of: ListedImport, path: string, counts: ImportCounts): Promise<ReportLine | null> {
  const file = await openIn(of.folder, path);
  if (file === null) return notUnderstood(path, { why: 'file-missing' });
  try {
    return await importOpened(of, path, file, counts);
  } finally {
    await file.close();
  }
}

async function importOpened(
  of: ListedImport,
  path: string,
  file: ArchivedFile,
  counts: ImportCounts,
): Promise<ReportLine | null> {
  const { folder, layout, journal, listed } = of;
  const id = journal.fileId(path, file);
  if (journal.confirmed(id)?.size === file.size) {
    counts.again += 1;
    return null;
  }
  const reading: Reading = layout.read(path, await textsIn(folder, layout.besideOf(path), listed));
  if ('why' in reading) return notUnderstood(path, reading);
  const sent = await send(of, reading, file);
  if (sent === null) return notUnderstood(path, { why: 'no-recording' });
  if (sent.kind !== 'stored') return { file: path, outcome: sent.kind, code: sent.code, detail: sent.detail };
  journal.confirm(id, reading.key, sent.confirmed);
  counts[sent.created ? 'stored' : 'again'] += 1;
  return null;
}

/** Sends a file; null for a transcript without its recording. */
async function send({ journal, sender }: Import, reading: Understood, body: FileBody): Promise<Sent | null> {
  if ('audio' in reading) return sender.recording(reading.metadata, body);
  const recording = journal.recordingOf(reading.key);
  return recording === null ? null : sender.transcript(recording, reading.transcript.language, body);
}

/** Runs `work` for each item, `most` at a time; ends at the first error. */
async function eachOf<T>(
  items: readonly T[],
  most: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      signal.throwIfAborted();
      const item = items[next] as T;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}

/** Whether every recording of the folder is in the vault. */
export function isComplete(counts: ImportCounts): boolean {
  return OUTCOMES.every((outcome) => outcome === 'left-out' || counts[outcome] === 0);
}
