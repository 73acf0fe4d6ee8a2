// An import: recordings first, a few at a time, then transcripts of those that the vault has.
import type { Json } from '../../bytes/canonical-json.ts';
import { isObject } from '../../bytes/json-object.ts';
import type { Layout, Reading, Understood } from '../../connectors/layout.ts';
import { type FieldError, hasCode, VaultError } from '../../errors.ts';
import { basisProblems, basisTexts } from '../../model/basis-forms.ts';
import { readMetadata } from '../../model/facts.ts';
import type { Progress } from '../support/progress.ts';
import { bytesOf, filesIn, statOf, textsIn } from './folder.ts';
import type { Journal } from './journal.ts';
import { notUnderstood, OUTCOMES, type Outcome, type Report, type ReportLine } from './report.ts';
import type { Sender } from './send.ts';

/** Counts of files. `again`: the journal had them, or the vault had stored the same bytes. */
export type ImportCounts = Record<'files' | 'stored' | 'again' | Outcome, number>;

export type Import = {
  readonly folder: string;
  readonly layout: Layout;
  /** Files that a manifest names. */
  readonly expected: Iterable<string>;
  readonly source: string;
  readonly concurrency: number;
  readonly journal: Journal | null;
  /** Null for a dry run. */
  readonly sender: Sender | null;
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
  const { recordings, transcripts } = await entriesOf(of, counts, add);
  of.progress.total(recordings.length + transcripts.length);
  for (const paths of [recordings, transcripts]) {
    await eachOf(paths, of.concurrency, of.signal, async (path) => {
      const line = await importFile(of, path, counts);
      if (line !== null) add(line);
      of.progress.step(1);
    });
  }
  return counts;
}

/** The files to import, transcripts apart; reports all others. */
async function entriesOf(
  { folder, layout, expected, own, signal }: Import,
  counts: ImportCounts,
  add: (line: ReportLine) => void,
): Promise<{ readonly recordings: readonly string[]; readonly transcripts: readonly string[] }> {
  const [recordings, transcripts]: [string[], string[]] = [[], []];
  const missing = new Set(expected);
  for await (const { path, isLink } of filesIn(folder)) {
    signal.throwIfAborted();
    if (own.has(path)) continue;
    counts.files += 1;
    missing.delete(path);
    const role = isLink ? ({ why: 'a-link' } as const) : layout.roleOf(path);
    if (role === 'recording') recordings.push(path);
    else if (role === 'transcript') transcripts.push(path);
    else if (role !== 'beside') add(notUnderstood(path, role));
  }
  for (const path of missing) add(notUnderstood(path, { why: 'file-missing' }));
  return { recordings, transcripts };
}

/** Imports a file. Returns its line of the report, or null where the vault has it. */
async function importFile(of: Import, path: string, counts: ImportCounts): Promise<ReportLine | null> {
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
async function importReadable(of: Import, path: string, counts: ImportCounts): Promise<ReportLine | null> {
  const { folder, layout, journal, sender } = of;
  const found = await statOf(folder, path);
  if (found === null) return notUnderstood(path, { why: 'file-missing' });
  const id = journal?.fileId(path, found);
  if (id !== undefined && journal?.confirmed(id)?.size === found.size) {
    counts.again += 1;
    return null;
  }
  const reading: Reading = layout.read(path, await textsIn(folder, layout.besideOf(path)));
  if ('why' in reading) return notUnderstood(path, reading);
  if (sender === null) return tryOnly(of, path, reading, counts);
  const body = { size: found.size, bytes: () => bytesOf(folder, path) };
  const recording = 'audio' in reading ? null : (journal?.recordingOf(reading.key) ?? null);
  if (!('audio' in reading) && recording === null) return notUnderstood(path, { why: 'no-recording' });
  const sent =
    'audio' in reading
      ? await sender.recording(reading.metadata, body)
      : await sender.transcript(recording ?? '', reading.transcript.language, body);
  if (sent.kind !== 'stored') return { file: path, outcome: sent.kind, code: sent.code, detail: sent.detail };
  if (id !== undefined) journal?.confirm(id, reading.key, sent.confirmed);
  counts[sent.created ? 'stored' : 'again'] += 1;
  return null;
}

/** What a dry run finds: metadata that the vault would reject. */
function tryOnly(of: Import, path: string, reading: Understood, counts: ImportCounts): ReportLine | null {
  const detail = 'audio' in reading ? faultsOf(of.source, reading.metadata) : '';
  if (detail !== '') return { file: path, outcome: 'rejected', code: 'metadata_invalid', detail };
  counts.stored += 1;
  return null;
}

function faultsOf(source: string, metadata: Readonly<Record<string, unknown>>): string {
  const { fields, pauses, basis, ...plain } = metadata;
  // A sidecar may have anything here.
  const wrong = Object.entries({ fields, basis }).find(([, value]) => value !== undefined && !isObject(value));
  if (wrong !== undefined) return `/${wrong[0]} must be an object`;
  const other = Object.entries(plain).find(([, value]) => typeof value !== 'string');
  if (other !== undefined) return `/${other[0].slice(0, 64)} must be a text`;
  const problems = basis === undefined ? [] : basisProblems(basis as Json);
  if (problems.length > 0) return textOf(problems);
  const based = basis === undefined ? {} : basisTexts(basis as { readonly kind: string });
  const flat = { ...(plain as Record<string, string>), source, ...based };
  try {
    const structured = { fields, pauses } as Parameters<typeof readMetadata>[3];
    readMetadata(flat, (name) => `/${name}`, Date.now(), structured);
    return '';
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return textOf(error.fields);
  }
}

function textOf(problems: readonly FieldError[]): string {
  return problems.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
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
