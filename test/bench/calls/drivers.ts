// Counters and named frames in the drivers of SQLite and PostgreSQL, for a measured server. V8's profile does not say
// what statement ran, so each kind runs inside a function of its own.
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What the driver of the database was asked. */
export type Statements = {
  statements: number;
  /** Those of them that write. */
  writes: number;
  /** Statements that SQLite compiled anew. */
  prepared: number;
  transactions: number;
  /** How often a connection to PostgreSQL that waited for nothing sent something: what is sent together is one. */
  roundTrips: number;
};

/** Counts of nothing. */
export const noStatements = (): Statements => ({
  statements: 0,
  writes: 0,
  prepared: 0,
  transactions: 0,
  roundTrips: 0,
});

type Method = (this: unknown, ...values: unknown[]) => unknown;
type Methods = Record<string, Method>;
type Run = () => unknown;
type SqliteFile = { close: () => void };
type Sqlite = { new (path: string): SqliteFile; prototype: Methods };
type Postgres = { Client: { prototype: Methods }; Connection: { prototype: Methods } };

/** The functions that a profile is read by. */
export const FRAMES = {
  sqlPrepare: function sqlPrepare(run: Run): unknown {
    return run();
  },
  sqlExecute: function sqlExecute(run: Run): unknown {
    return run();
  },
  sqlCommit: function sqlCommit(run: Run): unknown {
    return run();
  },
} as const;

/** Counts what this process asks its drivers from now on. */
export function hookDrivers(counted: Statements): void {
  // The copies that the server's own checkout loads.
  const load = createRequire(join(process.argv[1] ?? '', '../../package.json'));
  hookSqlite(load('better-sqlite3') as Sqlite, counted);
  hookPostgres(load('pg') as Postgres, counted);
}

/** Counts a statement and returns its frame. */
function count(counted: Statements, sql: unknown): (run: Run) => unknown {
  const text = String(sql).trimStart().slice(0, 20).toLowerCase();
  if (text.startsWith('commit')) return FRAMES.sqlCommit;
  if (/^(begin|start transaction)/.test(text)) counted.transactions += 1;
  else if (!/^(rollback|savepoint|release|pragma)/.test(text)) {
    counted.statements += 1;
    if (/^(insert|update|delete)/.test(text)) counted.writes += 1;
  }
  return FRAMES.sqlExecute;
}

/** Runs a method inside the frame that `before` returns. */
function hook(
  methods: Methods,
  name: string,
  before: (self: unknown, values: unknown[]) => (run: Run) => unknown,
): Method {
  const own = methods[name];
  if (own === undefined) throw new Error(`the driver has no ${name}`);
  methods[name] = function (...values) {
    return before(this, values)(() => own.apply(this, values));
  };
  return own;
}

function hookSqlite(Database: Sqlite, counted: Statements): void {
  const prepare = hook(Database.prototype, 'prepare', () => {
    counted.prepared += 1;
    return FRAMES.sqlPrepare;
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
  const plain = (run: Run): unknown => run();
  hook(Client.prototype, 'query', (_, [sent]) => {
    count(counted, typeof sent === 'string' ? sent : (sent as { text?: string } | undefined)?.text);
    return plain;
  });
  const waiting = new WeakMap<object, number>();
  for (const name of ['query', 'sync']) {
    hook(Connection.prototype, name, (self) => {
      const before = waiting.get(self as object) ?? 0;
      if (before === 0) counted.roundTrips += 1;
      waiting.set(self as object, before + 1);
      return plain;
    });
  }
  hook(Connection.prototype, 'emit', (self, [name]) => {
    if (name === 'readyForQuery') waiting.set(self as object, Math.max(0, (waiting.get(self as object) ?? 0) - 1));
    return plain;
  });
}
