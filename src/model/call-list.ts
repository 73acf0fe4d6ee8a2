// A call list as CSV, read line by line as it arrives: each line a call, or what is wrong with it. Nothing of a line is
// kept, so a list may have any length.
import { CsvError, parse } from 'csv-parse/sync';
import { type FieldError, hasCode, VaultError } from '../errors.ts';
import type { JsonObject, Patch } from './amendments/amendment.ts';
import { delimiterOf, isDecodedUtf8, plainText } from './csv.ts';
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

/** In a quoted cell, as the parser counts it. */
const BREAK = /\r|\n/;

const YES = ['', 'yes', 'true', '1', '是'];
const NO = ['no', 'false', '0', '否'];

/**
 * The lines of a list in pieces. Throws `malformed` for a list without a header, with an unknown or repeated column, or
 * that is not UTF-8: the message has no cell's content. A list without lines has none. `now`: a call starts at most a day
 * later.
 */
export async function* readCallList(
  bytes: AsyncIterable<Uint8Array>,
  source: string,
  now: () => number,
): AsyncGenerator<readonly (ListedCall | BadLine)[]> {
  const decoder = new TextDecoder();
  const records = recordReader();
  let header: readonly string[] | null = null;
  const linesOf = (text: string, isLast: boolean): (ListedCall | BadLine)[] => {
    const found: (ListedCall | BadLine)[] = [];
    for (const record of records(text, isLast)) {
      if (!('cells' in record)) {
        if (header === null) throw new VaultError('malformed', 'the first line of a call list names its columns');
        found.push({ line: record.line, code: 'malformed', columns: [] });
      } else if (header === null) header = columnsIn(record.cells);
      else found.push(lineOf(record, header, source, now()));
    }
    return found;
  };
  let waiting = '';
  for await (const piece of bytes) {
    waiting += decoder.decode(piece, { stream: true });
    if (waiting.length < PIECE) continue;
    const found = linesOf(waiting, false);
    waiting = '';
    if (found.length > 0) yield found;
  }
  const rest = linesOf(waiting + decoder.decode(), true);
  if (header === null) throw new VaultError('malformed', 'the first line of a call list names its columns');
  if (rest.length > 0) yield rest;
}

type Record = { readonly line: number } & ({ readonly cells: readonly string[] } | { readonly broken: true });

/** Splits text, as it comes, into whole records with the numbers of their first lines. */
function recordReader(): (text: string, isLast: boolean) => readonly Record[] {
  let rest = '';
  let line = 1;
  let delimiter: string | null = null;
  return (text, isLast) => {
    rest += text;
    delimiter ??= delimiterOf(rest.replace(/^\uFEFF/, ''));
    if (!isDecodedUtf8(text)) {
      const at = line + linesIn(rest.slice(0, rest.indexOf('\uFFFD')));
      throw new VaultError(
        'malformed',
        `the list is not UTF-8 at line ${at}: save it as UTF-8 (in Excel: “CSV UTF-8”)`,
      );
    }
    const end = isLast ? rest.length : endOfRecords(rest, delimiter);
    if (rest.length - end > MAX_LINE)
      throw new VaultError('malformed', `line ${line + linesIn(rest.slice(0, end))} is too long`);
    // Of both line breaks, mixed in one list, the parser would miscount the lines.
    const whole = rest.slice(0, end).replaceAll('\r\n', '\n');
    rest = rest.slice(end);
    const found = recordsIn(whole, delimiter, line);
    line += linesIn(whole);
    return found;
  };
}

/** The end of the last, or first, line break that is in no quoted cell. A quote opens a cell only at its beginning. */
function endOfRecords(text: string, delimiter: string, isFirst = false): number {
  let [quoted, begins, end] = [false, true, 0];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') continue;
      if (text[at + 1] === '"') at++;
      else quoted = false;
      continue;
    }
    if (char === '"' && begins) quoted = true;
    begins = char === delimiter || char === '\n';
    if (char !== '\n') continue;
    end = at + 1;
    if (isFirst) break;
  }
  return end;
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function recordsIn(text: string, delimiter: string, first: number): readonly Record[] {
  try {
    return parsed(text, delimiter, first);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  // The parser loses the lines after a broken one: one after the other, only that one is lost.
  const found: Record[] = [];
  let [rest, line] = [text, first];
  while (rest.length > 0) {
    const end = endOfRecords(rest, delimiter, true) || rest.length;
    const record = rest.slice(0, end);
    try {
      found.push(...parsed(record, delimiter, line));
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      found.push({ line, broken: true });
    }
    line += linesIn(record);
    rest = rest.slice(end);
  }
  return found;
}

/** The records of a text. Throws `CsvError`. */
function parsed(text: string, delimiter: string, first: number): readonly Record[] {
  // Without quotes each line is a record: most lists have none, and a parser takes ten times as long.
  if (!text.includes('"')) return splitLines(text, delimiter, first);
  const records = parse(text, {
    ...{ bom: true, delimiter, info: true, skip_empty_lines: true, skip_records_with_empty_values: true },
    relax_column_count: true,
  }) as unknown as { readonly info: { readonly lines: number }; readonly record: string[] }[];
  // The parser gives the last line of a record. Quoted cells have line breaks, which it counts as lines.
  return records.map(({ info, record }) => ({
    line: first + info.lines - record.join('').split(BREAK).length,
    cells: record,
  }));
}

function splitLines(text: string, delimiter: string, first: number): readonly Record[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((record, n) => {
      const cells = record.split(delimiter);
      return cells.every((cell) => cell.trim() === '') ? [] : [{ line: first + n, cells }];
    });
}

function columnsIn(cells: readonly string[]): readonly string[] {
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
    problems.push(...error.fields);
  }
  return { line, code: 'metadata_invalid', columns: problems };
}

function factsIn(metadata: Metadata): Pick<ListedCall, 'call' | 'said' | 'listed'> {
  const { source, callId, leg } = metadata;
  const { v: _, source: __, call_id: ___, leg: ____, basis: _____, ...said } = factsOf(metadata, { kind: 'none' });
  const facts = said as unknown as JsonObject;
  return { call: { source, callId, leg }, said: facts, listed: comparedFacts(facts) };
}
