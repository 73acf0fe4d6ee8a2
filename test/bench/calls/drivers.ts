// Counters in the drivers of SQLite and PostgreSQL, for a measured server.
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What the driver of the database was asked. */
export type Statements = {
  statements: number;
  /** Statements that SQLite compiled anew. */
  prepared: number;
  transactions: number;
  /** Statements that write. */
  writes: number;
  /** How often a connection to PostgreSQL that waited for nothing sent something: statements sent together are one. */
  roundTrips: number;
};

type Method = (this: unknown, ...values: unknown[]) => unknown;
type Methods = Record<string, Method>;
type SqliteFile = { close: () => void };
type Sqlite = { new (path: string): SqliteFile; prototype: Methods };
type Postgres = { Client: { prototype: Methods }; Connection: { prototype: Methods } };

/** Counts what this process asks its drivers from now on. */
export function hookDrivers(counted: Statements): void {
  // The copy of the drivers that the server's own checkout loads.
  const load = createRequire(join(process.argv[1] ?? '', '../../package.json'));
  hookSqlite(load('better-sqlite3') as Sqlite, counted);
  hookPostgres(load('pg') as Postgres, counted);
}

function count(counted: Statements, sql: unknown): void {
  const text = String(sql).trimStart().slice(0, 20).toLowerCase();
  if (/^(begin|start transaction)/.test(text)) counted.transactions += 1;
  else if (!/^(commit|rollback|savepoint|release|pragma)/.test(text)) {
    counted.statements += 1;
    if (/^(insert|update|delete)/.test(text)) counted.writes += 1;
  }
}

/** Puts `before` before a method. */
function hook(methods: Methods, name: string, before: (self: unknown, values: unknown[]) => void): Method {
  const own = methods[name];
  if (own === undefined) throw new Error(`the driver has no ${name}`);
  methods[name] = function (...values) {
    before(this, values);
    return own.apply(this, values);
  };
  return own;
}

function hookSqlite(Database: Sqlite, counted: Statements): void {
  const prepare = hook(Database.prototype, 'prepare', () => {
    counted.prepared += 1;
  });
  hook(Database.prototype, 'exec', (_, [sql]) => count(counted, sql));
  const file = new Database(':memory:');
  const statement = Object.getPrototypeOf(prepare.call(file, 'select 1')) as Methods;
  file.close();
  for (const name of ['run', 'get', 'all', 'iterate']) {
    hook(statement, name, (self) => count(counted, (self as { source: string }).source));
  }
}

function hookPostgres({ Client, Connection }: Postgres, counted: Statements): void {
  hook(Client.prototype, 'query', (_, [sent]) => {
    count(counted, typeof sent === 'string' ? sent : (sent as { text?: string } | undefined)?.text);
  });
  const waiting = new WeakMap<object, number>();
  for (const name of ['query', 'sync']) {
    hook(Connection.prototype, name, (self) => {
      const before = waiting.get(self as object) ?? 0;
      if (before === 0) counted.roundTrips += 1;
      waiting.set(self as object, before + 1);
    });
  }
  hook(Connection.prototype, 'emit', (self, [name]) => {
    if (name === 'readyForQuery') waiting.set(self as object, Math.max(0, (waiting.get(self as object) ?? 0) - 1));
  });
}
