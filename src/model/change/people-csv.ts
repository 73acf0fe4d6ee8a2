// A table of people as CSV: its columns, and each line as a row of a change of people.
import { CsvError, parse } from 'csv-parse/sync';
import { VaultError } from '../../errors.ts';
import { isDecodedUtf8, plainText, separatorOf } from '../csv.ts';
import { linesIn } from '../csv-records.ts';
import type { WantedPerson } from './people.ts';

/** Maximum length of a table, in UTF-16 code units, and of its lines without the header. */
export const MAX_CSV_LENGTH = 200_000;
export const MAX_CSV_LINES = 2_000;

/** A line of the table by its number in the file. `name` is for reading where the line has an id. */
export type CsvLine = { readonly line: number; readonly name: string; readonly wanted: WantedPerson };

/** The columns by the names that a header can give them: the export's, and those of both languages of the console. */
const COLUMNS = {
  id: ['id', '编号'],
  name: ['name', '姓名'],
  roles: ['roles', 'role', '角色'],
  trained_until: ['trained_until', 'trained until', 'training until', '培训有效期至', '培训有效期'],
} as const;
type Column = keyof typeof COLUMNS;

/** Roles by the names that people write. */
const ROLE_NAMES: ReadonlyMap<string, string> = new Map([
  ...([
    ['administrator', 'admin'],
    ['privacy officer', 'privacy'],
    ['质检员', 'reviewer'],
    ['班长', 'supervisor'],
  ] as const),
  ...([
    ['隐私专员', 'privacy'],
    ['审计员', 'auditor'],
    ['管理员', 'admin'],
  ] as const),
]);

/**
 * The lines of a table with a header. Throws `malformed` for a table without one, with an unknown or repeated column, that
 * is no CSV, is not UTF-8, or is too long; the message has no cell's content.
 */
export function readPeopleCsv(text: string): CsvLine[] {
  if (!isDecodedUtf8(text))
    throw new VaultError(
      'malformed',
      'the table is not UTF-8: save it as UTF-8 (in Excel: “CSV UTF-8”) and import it again',
    );
  if (text.length > MAX_CSV_LENGTH)
    throw new VaultError('malformed', `a table of people has at most ${MAX_CSV_LENGTH} characters`);
  const [header, ...lines] = recordsIn(text);
  if (header === undefined || lines.length === 0)
    throw new VaultError('malformed', 'a table of people needs a header line, and a line for each person');
  if (lines.length > MAX_CSV_LINES)
    throw new VaultError('malformed', `a table of people has at most ${MAX_CSV_LINES} lines`);
  const columns = columnsIn(header.cells);
  return lines.map(({ line, cells }) => {
    const cell = (column: Column): string => plainText(cells[columns.indexOf(column)] ?? '');
    const [id, name, roles, until] = [cell('id'), cell('name'), rolesIn(cell('roles')), cell('trained_until')];
    const training = until === '' ? {} : { trained_until: dayIn(until) };
    if (id === '') return { line, name, wanted: { name, roles, ...training } };
    return { line, name, wanted: { id, ...(roles.length === 0 ? {} : { roles }), ...training } };
  });
}

type Record = { readonly line: number; readonly cells: readonly string[] };

function recordsIn(whole: string): Record[] {
  const { delimiter, from } = separatorOf(whole);
  const above = linesIn(whole, 0, from);
  try {
    const records = parse(whole.slice(from), {
      ...{ delimiter, info: true, skip_records_with_empty_values: true },
      ...{ relax_column_count: true, skip_empty_lines: true, max_record_size: 4_096 },
    }) as unknown as { readonly info: { readonly lines: number }; readonly record: string[] }[];
    return records.map(({ info, record }) => ({ line: above + info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const at = typeof error['lines'] === 'number' ? `: look at line ${above + error['lines']}` : '';
    throw new VaultError('malformed', `the table is not valid CSV${at}`);
  }
}

function columnsIn(header: readonly string[]): Column[] {
  const columns = header.map((cell, n) => {
    const name = plainText(cell).toLowerCase();
    const found = (Object.keys(COLUMNS) as Column[]).find((column) =>
      (COLUMNS[column] as readonly string[]).includes(name),
    );
    if (found === undefined)
      throw new VaultError(
        'malformed',
        `column ${n + 1} is unknown: the columns are ${Object.keys(COLUMNS).join(', ')}`,
      );
    return found;
  });
  if (new Set(columns).size < columns.length) throw new VaultError('malformed', 'a column is in the table twice');
  if (!columns.includes('id') && !columns.includes('name'))
    throw new VaultError('malformed', 'the table needs a column name or id');
  return columns;
}

/** A day as programs write it; a text that is none unchanged. Days that begin with day or month are not guessed. */
function dayIn(cell: string): string {
  const [, year, month = '', day = ''] = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(cell) ?? [];
  return year === undefined ? cell : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function rolesIn(cell: string): string[] {
  return cell
    .split(/[,;|·、，；/]/)
    .map((role) => role.trim().toLowerCase())
    .filter((role) => role !== '')
    .map((role) => ROLE_NAMES.get(role) ?? role);
}
