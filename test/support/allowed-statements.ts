// Checks, in every world, that a request's statements need no right that the PostgreSQL user of its role lacks. It reads the
// text that PostgreSQL would get, so that it finds row locks too, which SQLite does not have.
import { AsyncLocalStorage } from 'node:async_hooks';
import SqliteFile from 'better-sqlite3';
import {
  CamelCasePlugin,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import { QueryText, type Statement } from '../../src/adapters/sql/query.ts';
import type { Schema } from '../../src/adapters/sql/schema.ts';
import { createApp } from '../../src/http/app.ts';
import type { DatabaseUse } from '../../src/model/database-rights.ts';
import { rightsOf } from '../../src/model/database-rights.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

/** What a statement does with a table: select, insert, delete, lock, or update of a column. */
type Need = {
  readonly table: string;
  readonly verb: 'select' | 'insert' | 'delete' | 'lock' | 'update';
  readonly column?: string;
};

/** Who runs statements: a process of a role, and for what, as a finding names it. */
type Work = { readonly use: DatabaseUse; readonly what: string };

const calling = new AsyncLocalStorage<Work>();
const executing = new AsyncLocalStorage<Work | undefined>();

/** Findings of this process: rights that statements needed and their user lacks. */
const findings = new Set<string>();

/** What statements needed beyond the rights of their users, since the last call. */
export function takeFindings(): string[] {
  const found = [...findings].sort();
  findings.clear();
  return found;
}

/** Runs work as a process of a role does. */
export function runAs<T>(use: DatabaseUse, what: string, work: () => T): T {
  return calling.run({ use, what }, work);
}

/** Binds a transaction's work to who asked for it: an engine runs it after others, in their context. */
export function boundToCaller<From, T>(work: (from: From) => Promise<T>): (from: From) => Promise<T> {
  const asked = calling.getStore();
  return (from) => executing.run(asked, () => work(from));
}

type Route = { readonly method: string; readonly path: RegExp; readonly use: DatabaseUse };

let known: readonly Route[] | undefined;

/** The routes of an application by the role with the fewest rights that serves them. */
export function routesByUse(vault: Vault): readonly Route[] {
  const uses = ['ingest', 'console', 'listen'] as const;
  known ??= uses.flatMap((use) =>
    createApp({ ...vault, settings: { ...vault.settings, role: use } })
      .routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
      .map(({ method, path }) => ({ method, path: new RegExp(`^${path.replace(/:[^/]+/g, '[^/]+')}$`), use })),
  );
  return known;
}

/** The route of a request, or undefined outside the API. */
export function routeOf(routes: readonly Route[], { method, url }: Request): Route | undefined {
  const { pathname } = new URL(url);
  return routes.find((one) => one.method === method && one.path.test(pathname));
}

/** Calls a route as the process that serves it. */
export function asServed<T>(routes: readonly Route[], sent: Request, call: () => T): T {
  const route = routeOf(routes, sent);
  return route === undefined ? call() : runAs(route.use, `${route.method} ${route.path.source}`, call);
}

/** The texts of a query for SQLite, and what PostgreSQL would get: queries that differ by a lock have one text for SQLite. */
const texts = new WeakMap<QueryText, Map<string, string>>();
/** The query that was compiled last. An engine prepares and runs it before another is compiled. */
let latest: { readonly source: string; readonly text: string } | undefined;
const textOfPrepared = new WeakMap<object, string>();
const needsByText = new Map<string, readonly Need[]>();
/** Statements that their user may run: a world runs the same few for each request. */
const allowed = new Map<DatabaseUse, Set<string>>();

const postgres = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createDriver: () => new DummyDriver(),
  },
  plugins: [new CamelCasePlugin()],
});

const { compile } = QueryText.prototype;
QueryText.prototype.compile = function compileForBoth(this: QueryText, db, args): Statement {
  const statement = compile.call(this, db, args);
  const own = texts.get(this) ?? new Map<string, string>();
  texts.set(this, own);
  const text = own.get(statement.sql) ?? compile.call(this, postgres, args).sql;
  own.set(statement.sql, text);
  latest = { source: statement.sql, text };
  return statement;
};

function check(prepared: { readonly source: string }): void {
  let text = textOfPrepared.get(prepared);
  if (text === undefined && latest?.source === prepared.source) {
    text = latest.text;
    textOfPrepared.set(prepared, text);
  }
  const work = executing.getStore();
  if (text === undefined || work === undefined || allowed.get(work.use)?.has(text) === true) return;
  let isAllowed = true;
  const needs = needsByText.get(text) ?? needsOf(text);
  needsByText.set(text, needs);
  const rights = rightsOf(work.use);
  for (const { table, verb, column = '' } of needs) {
    const { select = false, insert = false, delete: deletes = false, update = new Set() } = rights.get(table) ?? {};
    const may = {
      ...{ select, insert, delete: deletes },
      lock: update === 'all' || update.size > 0,
      update: update === 'all' || update.has(column),
    }[verb];
    isAllowed &&= may;
    if (!may) findings.add(`${work.use}: ${verb} ${column === '' ? '' : `(${column}) `}on ${table}, for ${work.what}`);
  }
  // A finding names its work, so what lacks a right is checked each time.
  if (isAllowed) allowed.set(work.use, (allowed.get(work.use) ?? new Set()).add(text));
}

/** What a statement needs, from its text as Kysely writes it. Throws for a text of another form. */
export function needsOf(sql: string): Need[] {
  const [, verb = '', , table = ''] = /^\s*(insert into|update|delete from|select|with)( "(\w+)")?/.exec(sql) ?? [];
  const read = [...sql.matchAll(/\b(?:from|join) "?(\w+)"?/g)].map(([, name = '']) => name);
  const needs: Need[] = read
    .filter((name) => rightsOf('operator').has(name))
    .map((name) => ({ table: name, verb: 'select' }));
  const updated = (assignments: string): Need[] =>
    [...topLevel(assignments).matchAll(/(?:^|, )"(\w+)" = /g)].map(([, column = '']) => ({
      table,
      verb: 'update',
      column,
    }));
  switch (verb) {
    case 'insert into': {
      const [, assignments = ''] = / do update set (.*?)(?: where | returning |$)/s.exec(sql) ?? [];
      if (/ on conflict| returning /.test(sql)) needs.push({ table, verb: 'select' });
      return [...needs, { table, verb: 'insert' }, ...updated(assignments)];
    }
    case 'update':
      return [...needs, { table, verb: 'select' }, ...updated(/ set (.*?)(?: where |$)/s.exec(sql)?.[1] ?? '')];
    case 'delete from':
      return [...needs, { table, verb: 'delete' }];
    case 'select':
    case 'with': {
      for (const [, tables] of sql.matchAll(/ for (?:update|share)( of (?:"\w+"(?:, )?)+)?/g)) {
        const locked = tables === undefined ? read : [...tables.matchAll(/"(\w+)"/g)].map(([, name = '']) => name);
        needs.push(...locked.map((name): Need => ({ table: name, verb: 'lock' })));
      }
      return needs;
    }
    default:
      throw new Error(`a statement of another form: ${sql}`);
  }
}

/** A text without what is in parentheses. */
function topLevel(text: string): string {
  let [depth, rest] = [0, ''];
  for (const char of text) {
    if (char === '(') depth++;
    if (depth === 0) rest += char;
    if (char === ')') depth--;
  }
  return rest;
}

const memory = new SqliteFile(':memory:');
const prototype = Object.getPrototypeOf(memory.prepare('select 1')) as Record<string, (...given: unknown[]) => unknown>;
memory.close();
for (const name of ['run', 'get', 'all', 'iterate']) {
  const original = prototype[name];
  if (original === undefined) throw new Error(`there is no ${name} to check`);
  prototype[name] = function checked(this: unknown, ...given: unknown[]): unknown {
    check(this as { readonly source: string });
    return original.apply(this, given);
  };
}
