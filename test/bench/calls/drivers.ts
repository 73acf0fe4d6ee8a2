// Counters and named frames between a measured server and its database. V8's profile does not say
// what statement ran, so each kind runs inside a separate function.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { watchPostgres } from './wire.ts';

/** What the driver of the database was asked. */
export type Statements = {
  statements: number;
  /** Those of them that write; null on PostgreSQL, whose connections name statements that they prepared before. */
  writes: number | null;
  /** Statements that SQLite compiled again. */
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

/** Counts what this process asks its database from now on; `port` is that of PostgreSQL, if it uses it. */
export function hookDrivers(counted: Statements, port: number | null): void {
  // The copy that the server's own checkout loads.
  hookSqlite(createRequire(join(process.argv[1] ?? '', '../../package.json'))('better-sqlite3') as Sqlite, counted);
  if (port === null) return;
  watchPostgres(port, {
    executed: (sql) => count(counted, sql),
    roundTrip: () => {
      counted.roundTrips += 1;
    },
  });
}

/** Counts a statement and returns its frame. */
function count(counted: Statements, sql: unknown): (run: Run) => unknown {
  const text = String(sql).trimStart().slice(0, 20).toLowerCase();
  if (text.startsWith('commit')) return FRAMES.sqlCommit;
  if (/^(begin|start transaction)/.test(text)) counted.transactions += 1;
  else if (!/^(rollback|savepoint|release|pragma)/.test(text)) {
    counted.statements += 1;
    if (counted.writes !== null && /^(insert|update|delete)/.test(text)) counted.writes += 1;
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
