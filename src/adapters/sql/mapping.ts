// Mapping between columns and the model's types. Both engines store a boolean as an integer and a list as text.
import { VaultError } from '../../errors.ts';

/** Some columns of a table, or some members of a type; undefined means not given. */
export type Some<T> = { readonly [name in keyof T]?: T[name] | undefined };

/** As `Some`, with every member named: a mapping that forgets a column does not compile. */
export type Each<T> = { readonly [name in keyof T]: T[name] | undefined };

/** The mapping of one table. `toColumns` also takes the members that a change sets; undefined ones stay unchanged. */
export type Mapping<Noun, Columns> = {
  readonly toNoun: (columns: Columns) => Noun;
  readonly toColumns: (noun: Some<Noun>) => Each<Columns>;
};

/** The mapping of a table whose columns are the noun's members. */
export function asStored<Noun>(): Mapping<Noun, Noun> {
  return { toNoun: (columns) => columns, toColumns: (noun) => noun as Each<Noun> };
}

/** How the columns of a noun hold a member that is no value of a column: a yes or no, a list, a list or null. */
type Form = 'flag' | 'list' | 'list?';
type FormOf<T> = [T] extends [boolean]
  ? 'flag'
  : [T] extends [readonly string[]]
    ? 'list'
    : [T] extends [readonly string[] | null]
      ? 'list?'
      : never;
type FormsOf<Noun> = {
  readonly [Name in keyof Noun as [FormOf<Noun[Name]>] extends [never] ? never : Name]: FormOf<Noun[Name]>;
};

/** The columns of a noun: 1 or 0 for a yes or no, text for a list; the other members do not change. */
export type ColumnsOf<Noun> = {
  readonly [Name in keyof Noun]: Noun[Name] extends boolean
    ? number
    : Noun[Name] extends readonly string[]
      ? string
      :
          | Exclude<Noun[Name], readonly string[]>
          | (Extract<Noun[Name], readonly string[]> extends never ? never : string);
};

/**
 * The mapping of a table whose columns have the names of the noun's members. `forms` names each that a column holds in
 * another form. `toNoun` changes the row itself, which its connection made for it: a row has one reader.
 */
export function mapped<Noun extends object>(forms: FormsOf<Noun>): Mapping<Noun, ColumnsOf<Noun>> {
  const named = Object.entries(forms) as readonly (readonly [string, Form])[];
  const of = (...some: Form[]) => named.filter(([, form]) => some.includes(form)).map(([name]) => name);
  const [flags, lists, nullable] = [of('flag'), of('list', 'list?'), new Set<string>(of('list?'))];
  return {
    toNoun: (columns) => {
      const row = columns as Record<string, unknown>;
      for (const name of flags) row[name] = isSet(row[name] as number);
      for (const name of lists) if (row[name] !== null || !nullable.has(name)) row[name] = listIn(row[name] as string);
      return row as Noun;
    },
    toColumns: (noun) => {
      const columns: Record<string, unknown> = { ...noun };
      for (const name of flags) if (name in columns) columns[name] = flagColumn(columns[name] as boolean | undefined);
      for (const name of lists)
        if (name in columns && columns[name] !== null)
          columns[name] = listColumn(columns[name] as readonly string[] | undefined);
      return columns as Each<ColumnsOf<Noun>>;
    },
  };
}

/** The noun of a row that was looked for; null where there is none. */
export function nounOr<Noun, Columns>(
  { toNoun }: Pick<Mapping<Noun, Columns>, 'toNoun'>,
  found: Columns | undefined,
): Noun | null {
  return found === undefined ? null : toNoun(found);
}

/** A yes or no as its column holds it. */
export function flagColumn(flag: boolean): number;
export function flagColumn(flag: boolean | undefined): number | undefined;
export function flagColumn(flag: boolean | undefined): number | undefined {
  return flag === undefined ? undefined : flag ? 1 : 0;
}

/** Whether a column says yes: 1 does, and no other number. */
export function isSet(column: number): boolean {
  return column === 1;
}

/** A list as its column holds it: the members with commas between. Throws `internal` for a member that would be another. */
export function listColumn(list: readonly string[]): string;
export function listColumn(list: readonly string[] | undefined): string | undefined;
export function listColumn(list: readonly string[] | undefined): string | undefined {
  if (list?.some((member) => member === '' || member.includes(',')))
    throw new VaultError('internal', 'a list has a member that its column cannot hold');
  return list?.join(',');
}

/** The list in a column; empty text is an empty list. Members are not validated: a MAC covers all of them. */
export function listIn<Member extends string>(column: string): Member[] {
  // SQLite stores what it is given: bytes where a text belongs fail the row's MAC, and no list of rows.
  if (typeof column !== 'string') return [String(column)] as Member[];
  return column === '' ? [] : (column.split(',') as Member[]);
}

/** The column of one member of a whole that has several: null where there is no whole. */
export function memberColumn<Whole, Name extends keyof Whole>(
  whole: Whole | null | undefined,
  name: Name,
): Whole[Name] | null | undefined {
  if (whole === undefined) return undefined;
  return whole === null ? null : whole[name];
}
