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
