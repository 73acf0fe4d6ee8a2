// A manifest: a table of calls with their files, its columns named as in the API or mapped to those names.
import { isObject } from '../bytes/json-object.ts';
import { VaultError } from '../errors.ts';
import { isRounded } from '../model/csv.ts';
import { isTimeZone } from '../model/time-zone.ts';
import {
  type CallMetadata,
  type FileRole,
  isAudio,
  type Layout,
  metadataOf,
  type NotUnderstood,
  recordingOf,
} from './layout.ts';
import { epochTime, rfc3339 } from './values.ts';
import { wallClockTime } from './wall-clock.ts';

/** A column, and how its values are read: a time's form and zone, or a table of values. */
type Column = {
  readonly column: string;
  readonly time?: 'rfc3339' | 'unix' | 'unix-ms' | 'local';
  readonly zone?: string;
  readonly values?: Readonly<Record<string, string>>;
};

const TEXTS = [
  ...['call_id', 'leg', 'started_at', 'direction', 'from', 'to', 'agent', 'queue', 'ticket', 'language', 'sensitivity'],
  ...['notes', 'interaction', 'wrap_up', 'file_name'],
];
const BASIS = ['kind', 'at', 'language', 'evidence', 'channel'];
const NAMES = [
  'file',
  'transcript',
  'transcript_language',
  ...TEXTS,
  'basis',
  ...BASIS.slice(1).map((name) => `basis_${name}`),
];
const FIELD = /^field\.([a-z][a-z0-9-]{0,31})$/;
/** Columns of call lists, which have no meaning here: one table serves both. */
const IGNORED = ['duration_ms', 'recorded'];

/** Which column has which member. */
export type ManifestColumns = ReadonlyMap<string, Column>;

/** The columns of a manifest whose header has the names of the API. Throws `malformed` for another header. */
export function namedColumns(header: readonly string[]): ManifestColumns {
  const used = header.filter((name) => !IGNORED.includes(name));
  const unknown = header.findIndex((name) => ![...NAMES, ...IGNORED].includes(name) && !FIELD.test(name));
  if (unknown !== -1)
    throw new VaultError(
      'malformed',
      `column ${unknown + 1} of the manifest is unknown: there are ${NAMES.join(', ')} and field.NAME; or give --columns`,
    );
  return checked(header, new Map(used.map((column) => [column, { column }])));
}

/** The columns of a manifest by a mapping, parsed JSON `{ "<name>": "<column>" or { column, time, zone, values } }`. */
export function mappedColumns(mapping: unknown, header: readonly string[]): ManifestColumns {
  if (!isObject(mapping)) throw new VaultError('malformed', 'the mapping must be an object of names and columns');
  const columns = Object.entries(mapping).map(([name, value]): [string, Column] => {
    if (!NAMES.includes(name) && !FIELD.test(name))
      throw new VaultError('malformed', `the mapping has an unknown name ${name.slice(0, 64)}`);
    return [name, columnIn(name, value)];
  });
  return checked(header, new Map(columns));
}

function columnIn(name: string, value: unknown): Column {
  if (typeof value === 'string') return { column: value };
  const { column, time, zone, values, ...rest } = isObject(value) ? value : {};
  const isGood =
    typeof column === 'string' &&
    Object.keys(rest).length === 0 &&
    (time === undefined || ['rfc3339', 'unix', 'unix-ms', 'local'].includes(String(time))) &&
    (zone === undefined || (typeof zone === 'string' && isTimeZone(zone))) &&
    (time !== 'local' || zone !== undefined) &&
    (values === undefined || (isObject(values) && Object.values(values).every(isText)));
  if (!isGood)
    throw new VaultError(
      'malformed',
      `${name} needs a column, and may have time (rfc3339, unix, unix-ms, or local with a zone) and values`,
    );
  return value as Column;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function checked(header: readonly string[], columns: ManifestColumns): ManifestColumns {
  for (const name of ['file', 'call_id'])
    if (!columns.has(name)) throw new VaultError('malformed', `the manifest needs a column ${name}`);
  const missing = [...columns].find(([, { column }]) => !header.includes(column))?.[0];
  if (missing !== undefined)
    throw new VaultError('malformed', `the manifest does not have the column that the mapping names for ${missing}`);
  return columns;
}

/** Members that a spreadsheet takes for numbers to calculate with. */
const OF_DIGITS = ['call_id', 'leg', 'from', 'to', 'agent', 'interaction'];

/** A row: its file, the call, and a transcript. `isRounded`: a spreadsheet has lost digits of its ids or numbers. */
export type ManifestRow = {
  readonly isRounded: boolean;
  readonly file: string;
  readonly metadata: CallMetadata;
  readonly transcript: { readonly path: string; readonly language: string | undefined } | null;
};

/** Reads a row by its columns; null for one without a file or a call id. */
export function manifestRow(columns: ManifestColumns, row: Readonly<Record<string, string>>): ManifestRow | null {
  const value = (name: string): string | undefined => valueIn(columns.get(name), row);
  const [file, callId, transcript] = [value('file'), value('call_id'), value('transcript')];
  if (file === undefined || callId === undefined) return null;
  const fields = [...columns.keys()].flatMap((name): [string, string][] => {
    const [field, text] = [FIELD.exec(name)?.[1], value(name)];
    return field === undefined || text === undefined ? [] : [[field, text]];
  });
  const basis = Object.fromEntries(
    BASIS.flatMap((name) => {
      const text = value(name === 'kind' ? 'basis' : `basis_${name}`);
      return text === undefined ? [] : [[name, text]];
    }),
  );
  const language = value('transcript_language') ?? value('language');
  return {
    isRounded: OF_DIGITS.some((name) => isRounded(value(name) ?? '')),
    file: pathOf(file),
    metadata: metadataOf({
      ...Object.fromEntries(TEXTS.map((name) => [name, value(name)])),
      call_id: callId,
      fields: Object.fromEntries(fields),
      basis,
    }),
    transcript: transcript === undefined ? null : { path: pathOf(transcript), language },
  };
}

/** The value of a column. A time that cannot be read stays as it is written: the vault then rejects the call. */
function valueIn(column: Column | undefined, row: Readonly<Record<string, string>>): string | undefined {
  const text = column === undefined || !Object.hasOwn(row, column.column) ? '' : (row[column.column] ?? '').trim();
  if (column === undefined || text === '') return undefined;
  const { time, zone, values } = column;
  if (values !== undefined && Object.hasOwn(values, text)) return values[text];
  if (time === 'unix') return epochTime(text) ?? text;
  if (time === 'unix-ms') return epochTime(text, 1_000) ?? text;
  if (time === 'local') return wallClockTime(text, zone ?? 'UTC') ?? text;
  return time === 'rfc3339' ? (rfc3339(text) ?? text) : text;
}

/** A path inside the folder, with `/`. */
function pathOf(text: string): string {
  return text.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
}

/** The layout of a manifest's rows, and the files that they name: no file may be named twice. */
export function manifestLayout(rows: Iterable<ManifestRow>): {
  readonly layout: Layout;
  readonly named: ReadonlyMap<string, FileRole | NotUnderstood>;
} {
  const [calls, transcripts] = [new Map<string, ManifestRow>(), new Map<string, ManifestRow>()];
  const named = new Map<string, FileRole | NotUnderstood>();
  const name = (path: string, role: FileRole): void =>
    void named.set(path, named.has(path) ? { why: 'named-twice' } : role);
  for (const row of rows) {
    name(row.file, 'recording');
    calls.set(row.file, row);
    if (row.transcript === null) continue;
    name(row.transcript.path, 'transcript');
    transcripts.set(row.transcript.path, row);
  }
  const layout: Layout = {
    roleOf: (path) => named.get(path) ?? { why: isAudio(path) ? 'not-in-manifest' : 'not-a-recording' },
    besideOf: () => [],
    read: (path) => {
      const call = calls.get(path);
      if ((call ?? transcripts.get(path))?.isRounded === true) return { why: 'rounded-number' };
      if (call !== undefined) return recordingOf(path, call.metadata);
      const { metadata, transcript } = transcripts.get(path) ?? {};
      if (metadata === undefined || transcript === undefined || transcript === null) return { why: 'not-in-manifest' };
      if (transcript.language === undefined) return { why: 'no-language' };
      const key = { callId: metadata.call_id, leg: metadata.leg ?? '0' };
      return { key, transcript: { path, language: transcript.language } };
    },
  };
  return { layout, named };
}
