// Queries that are built and compiled once: Kysely types and writes the text, and each call only binds its values.
import type { CompiledQuery, Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** A value of a column. */
export type Value = string | number | Uint8Array;

/** An argument of a query: a value, columns by name, a list for `in`, or what decides which text the query has. */
export type Argument = Value | Readonly<Record<string, unknown>> | readonly Value[] | boolean | null | undefined;

/** Anything that compiles: a builder of Kysely, or a template. */
type Compilable<O> = { readonly compile: () => CompiledQuery<O> };

type Build = (db: Kysely<Schema>, ...args: never[]) => Compilable<unknown>;

/** One text of a query. Engines keep what they prepared by it. */
export type Statement = {
  readonly sql: string;
  /** Unique in this process, and short: PostgreSQL knows a prepared statement by a name. */
  readonly name: string;
  /** For each parameter the value's place among the arguments, or a constant of the query. */
  readonly parameters: readonly Parameter[];
  readonly writes: boolean;
};

type Parameter = Slot | { readonly constant: unknown };

/** A query with its values. `O` is the type of its rows. */
export type Query<O> = { readonly text: QueryText; readonly args: readonly Argument[]; readonly rows?: O };

/** The placeholder of a value while Kysely builds the query. */
class Slot {
  readonly at: number;
  readonly member: string | number | undefined;

  constructor(at: number, member?: string | number) {
    this.at = at;
    this.member = member;
  }
}

/**
 * A query. `build` runs once for each form of the arguments, with placeholders: a null, an undefined and a boolean
 * argument decide what the query is, as does the length of a list and which members of columns are given. It must not
 * look at any other value.
 */
export function query<const A extends readonly Argument[], O>(
  build: (db: Kysely<Schema>, ...args: A) => Compilable<O>,
): (...args: A) => Query<O> {
  const text = new QueryText(build as unknown as Build);
  return (...args) => ({ text, args });
}

/** The texts of a query: one for each form of its arguments. */
export class QueryText {
  readonly #build: Build;

  constructor(build: Build) {
    this.#build = build;
  }

  compile(db: Kysely<Schema>, args: readonly Argument[]): Statement {
    const placeholders = args.map(placeholderOf) as never[];
    const { sql, parameters } = this.#build(db, ...placeholders).compile();
    return {
      sql,
      name: `q${nextName++}`,
      writes: !/^(select|with) /.test(sql.trimStart()),
      parameters: parameters.map((value) => (value instanceof Slot ? value : { constant: value })),
    };
  }
}

let nextName = 1;

/** The form of arguments: those with the same form have the same text. */
export function formOf(args: readonly Argument[]): string {
  let form = '';
  for (const arg of args) {
    if (typeof arg === 'string' || typeof arg === 'number' || arg instanceof Uint8Array) form += 'v';
    else if (Array.isArray(arg)) form += `[${paddedLength(arg.length)}]`;
    else if (typeof arg === 'object' && arg !== null) form += `{${givenMembers(arg as object).join()}}`;
    else form += `(${arg})`;
  }
  return form;
}

/** The values in the order of the statement's parameters. */
export function valuesOf({ parameters }: Statement, args: readonly Argument[]): unknown[] {
  const values: unknown[] = [];
  for (const parameter of parameters) {
    if (!(parameter instanceof Slot)) values.push(parameter.constant);
    else if (parameter.member === undefined) values.push(args[parameter.at]);
    else values.push(memberOf(args[parameter.at], parameter.member));
  }
  return values;
}

function memberOf(arg: Argument, member: string | number): unknown {
  // A list is padded with its last member, which changes nothing of an `in`.
  if (Array.isArray(arg)) return arg[Math.min(member as number, arg.length - 1)];
  return (arg as Readonly<Record<string, unknown>>)[member];
}

function placeholderOf(arg: Argument, at: number): unknown {
  if (typeof arg === 'string' || typeof arg === 'number' || arg instanceof Uint8Array) return new Slot(at);
  if (Array.isArray(arg)) return Array.from({ length: paddedLength(arg.length) }, (_, n) => new Slot(at, n));
  if (typeof arg === 'object' && arg !== null)
    return Object.fromEntries(givenMembers(arg).map((name) => [name, new Slot(at, name)]));
  return arg;
}

function givenMembers(columns: object): string[] {
  const names: string[] = [];
  for (const name in columns) if ((columns as Record<string, unknown>)[name] !== undefined) names.push(name);
  return names;
}

/** The next power of two, or the next thousand: a list of any length then has one of few texts. */
function paddedLength(length: number): number {
  if (length > 1000) return 1000 * Math.ceil(length / 1000);
  return length === 0 ? 0 : 2 ** Math.ceil(Math.log2(length));
}
