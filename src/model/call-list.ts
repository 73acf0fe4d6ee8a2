// A call list as CSV, read line by line as it arrives: each line a call, or what is wrong with it. Nothing of a line is
// kept, so a list may have any length.
import { type FieldError, hasCode, VaultError } from '../errors.ts';
import type { JsonObject, Patch } from './amendments/amendment.ts';
import { isDecodedUtf8, isRounded, plainText, ROUNDED_ADVICE, separatorOf } from './csv.ts';
import { type CsvRecord, linesIn, recordAt } from './csv-records.ts';
import { fieldNameProblem } from './fact-forms.ts';
import { factsOf, type Metadata, readMetadata } from './facts.ts';
import { comparedFacts, type ListedFacts } from './listing.ts';

/** A call of a list. `line`: the number of its first line; `said`: the facts that it gives; `listed`: those that are compared. */
export type ListedCall = {
  readonly line: number;
  readonly call: Pick<Metadata, 'source' | 'callId' | 'leg'>;
  /** False where the line says that the call need not be recorded. */
  readonly recorded: boolean;
  readonly said: Patch;
  readonly listed: ListedFacts;
  readonly expectedMs: number | null;
};

/** A line that cannot be taken, by its number in the list; of several, the first. Without columns, the line is no CSV. */
export type BadLine = {
  readonly line: number;
  readonly code: 'malformed' | 'metadata_invalid';
  readonly columns: readonly FieldError[];
};

/** Columns beside `field.<name>`. */
export const LIST_COLUMNS = [
  ...(['call_id', 'leg', 'started_at', 'duration_ms', 'from', 'to'] as const),
  ...(['agent', 'queue', 'direction', 'interaction', 'recorded'] as const),
] as const;

const FIELD = 'field.';
/** Maximum length of a line, in UTF-16 code units: all columns and 32 fields fit. */
const MAX_LINE = 65_536;
/** Length of the pieces that are parsed together. */
const PIECE = 65_536;
/** A day and more; a longer call is a mistake in the column. */
const MAX_MS = 999_999_999;

/** Columns of ids and numbers, which a spreadsheet takes for numbers to calculate with. */
const OF_DIGITS = ['call_id', 'leg', 'from', 'to', 'agent', 'interaction'];

const YES = ['', 'yes', 'true', '1', '是'];
const NO = ['no', 'false', '0', '否'];

/** Lines that are given on together at most. */
const TOGETHER = 1_000;

/** What reading a list needs. `now`: a call starts at most a day later; `pace`: what to wait for before the next line. */
export type ListReading = { readonly now: () => number; readonly pace: () => Promise<void> | undefined };

/**
 * The lines of a list in pieces. Throws `malformed` for a list without a header, with an unknown or repeated column, or
 * that is not UTF-8: the message has no cell's content. A list without lines has none.
 */
export async function* readCallList(
  bytes: AsyncIterable<Uint8Array>,
  source: string,
  { now, pace }: ListReading,
): AsyncGenerator<readonly (ListedCall | BadLine)[]> {
  const records = recordReader();
  let header: readonly string[] | null = null;
  for await (const piece of piecesOf(bytes)) {
    let found: (ListedCall | BadLine)[] = [];
    for (const { line, cells } of records(piece)) {
      const wait = pace();
      if (wait !== undefined) await wait;
      // Records without content come one by one too: a list may have nothing else.
      if (cells?.every((cell) => cell.trim() === '') === true) continue;
      if (header === null) header = columnsIn(cells);
      else if (cells === null) found.push({ line, code: 'malformed', columns: [] });
      else found.push(lineOf({ line, cells }, header, source, now()));
      if (found.length < TOGETHER) continue;
      yield found;
      found = [];
    }
    if (found.length > 0) yield found;
  }
  if (header === null) columnsIn(null);
}

type Piece = { readonly text: string; readonly isLast: boolean };

/** The text of a list, in pieces of some length. */
async function* piecesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of bytes) {
    text += decoder.decode(piece, { stream: true });
    if (text.length < PIECE) continue;
    yield { text, isLast: false };
    text = '';
  }
  yield { text: text + decoder.decode(), isLast: true };
}

type Line = { readonly line: number; readonly cells: CsvRecord['cells'] };

/** Splits text, as it comes, into whole records with the numbers of their first lines. */
function recordReader(): (piece: Piece) => Generator<Line> {
  let rest = '';
  let line = 1;
  let delimiter = '';
  return function* ({ text, isLast }) {
    const whole = rest + text;
    if (!isDecodedUtf8(text)) {
      const at = line + linesIn(whole, 0, whole.indexOf('\uFFFD'));
      throw new VaultError(
        'malformed',
        `the list is not UTF-8 at line ${at}: save it as UTF-8 (in Excel: “CSV UTF-8”)`,
      );
    }
    let at = 0;
    if (delimiter === '') {
      ({ delimiter, from: at } = separatorOf(whole));
      line += linesIn(whole, 0, at);
    }
    while (at < whole.length) {
      const record = recordAt(whole, at, delimiter, isLast);
      if (record === null) break;
      const lines = linesIn(whole, at, record.end);
      yield { line, cells: record.cells };
      line += lines;
      at = record.end;
    }
    rest = whole.slice(at);
    if (rest.length > MAX_LINE) throw new VaultError('malformed', `line ${line} is too long`);
  };
}

function columnsIn(cells: readonly string[] | null): readonly string[] {
  if (cells === null) throw new VaultError('malformed', 'the first line of a call list names its columns');
  const columns = cells.map((cell, n) => {
    const name = plainText(cell).toLowerCase();
    const isField = name.startsWith(FIELD) && fieldNameProblem(name.slice(FIELD.length)) === null;
    if (isField || (LIST_COLUMNS as readonly string[]).includes(name)) return name;
    throw new VaultError(
      'malformed',
      `column ${n + 1} is unknown: the columns are ${LIST_COLUMNS.join(', ')} and field.<name>`,
    );
  });
  if (new Set(columns).size < columns.length) throw new VaultError('malformed', 'a column is in the list twice');
  if (!columns.includes('call_id')) throw new VaultError('malformed', 'the list needs a column call_id');
  return columns;
}

function lineOf(
  { line, cells }: { readonly line: number; readonly cells: readonly string[] },
  header: readonly string[],
  source: string,
  now: number,
): ListedCall | BadLine {
  const given: { [name: string]: string } = { source };
  const fields: { [name: string]: string } = {};
  header.forEach((name, at) => {
    const text = plainText(cells[at] ?? '');
    if (text === '') return;
    if (name.startsWith(FIELD)) fields[name.slice(FIELD.length)] = text;
    else given[name] = text;
  });
  const { recorded = '', duration_ms: duration, ...texts } = given;
  const problems: FieldError[] = [];
  if (cells.length > header.length)
    problems.push({ pointer: `${header.length + 1}`, detail: 'has no name in the header' });
  for (const name of OF_DIGITS)
    if (isRounded(given[name] ?? '')) problems.push({ pointer: name, detail: ROUNDED_ADVICE });
  const answer = recorded.toLowerCase();
  if (![...YES, ...NO].includes(answer)) problems.push({ pointer: 'recorded', detail: 'must be yes or no' });
  if (duration !== undefined && !(/^\d{1,9}$/.test(duration) && Number(duration) <= MAX_MS))
    problems.push({ pointer: 'duration_ms', detail: 'must be whole milliseconds from 0 to 999999999' });
  try {
    const pointer = (name: string) => name.replace(/^fields\//, FIELD);
    const named = Object.keys(fields).length === 0 ? {} : { fields };
    const metadata = readMetadata(texts, pointer, now, named);
    if (problems.length === 0)
      return {
        ...{ line, recorded: !NO.includes(answer), ...factsIn(metadata) },
        expectedMs: duration === undefined ? null : Number(duration),
      };
  } catch (error) {
    if (!hasCode(error, 'metadata_invalid')) throw error;
    // What a spreadsheet rounded has one fault, whatever else is wrong with it.
    problems.push(...error.fields.filter(({ pointer }) => problems.every((one) => one.pointer !== pointer)));
  }
  return { line, code: 'metadata_invalid', columns: problems };
}

function factsIn(metadata: Metadata): Pick<ListedCall, 'call' | 'said' | 'listed'> {
  const { source, callId, leg } = metadata;
  const { v: _, source: __, call_id: ___, leg: ____, basis: _____, ...said } = factsOf(metadata, { kind: 'none' });
  const facts = said as unknown as JsonObject;
  return { call: { source, callId, leg }, said: facts, listed: comparedFacts(facts) };
}
