// Counts of what this process sends to its databases: statements, transactions, and waits for PostgreSQL's answers.
import SqliteFile from 'better-sqlite3';
import pg from 'pg';

export type QueryCounts = {
  /** Statements besides those that begin and end a transaction. */
  readonly statements: number;
  readonly reads: number;
  readonly writes: number;
  /** Messages to PostgreSQL that were sent with no answer outstanding: pipelined ones do not add to it. */
  readonly roundTrips: number;
};

const counts = { statements: 0, reads: 0, writes: 0, roundTrips: 0 };
let texts: string[] = [];

function count(text: string): void {
  const sql = text.trimStart().toLowerCase();
  if (/^(commit|rollback|savepoint|release)\b/.test(sql)) return;
  if (/^(begin|start transaction)\b/.test(sql)) {
    if (/immediate|read write/.test(sql)) counts.writes++;
    else counts.reads++;
    return;
  }
  counts.statements++;
  texts.push(text);
}

/** Runs work and returns what it sent, with the statements' texts. Nothing else in this process may use a database. */
export async function countQueries(
  work: () => Promise<unknown>,
): Promise<{ readonly counted: QueryCounts; readonly texts: readonly string[] }> {
  Object.assign(counts, { statements: 0, reads: 0, writes: 0, roundTrips: 0 });
  texts = [];
  await work();
  return { counted: { ...counts }, texts };
}

type Method = (this: unknown, ...given: unknown[]) => unknown;

/** Calls `before` whenever a method of this prototype is called. */
function listenTo(prototype: object, names: readonly string[], before: (self: object, given: unknown[]) => void): void {
  const methods = prototype as Record<string, Method>;
  for (const name of names) {
    const original = methods[name];
    if (original === undefined) throw new Error(`there is no ${name} to count`);
    methods[name] = function counted(this: unknown, ...given: unknown[]): unknown {
      before(this as object, given);
      return original.apply(this, given);
    };
  }
}

const memory = new SqliteFile(':memory:');
listenTo(Object.getPrototypeOf(memory.prepare('select 1')) as object, ['run', 'get', 'all', 'iterate'], (statement) =>
  count((statement as { source: string }).source),
);
listenTo(Object.getPrototypeOf(memory) as object, ['exec'], (_file, [text]) => count(String(text)));
memory.close();

listenTo(pg.Client.prototype, ['query'], (_client, [query]) =>
  count(typeof query === 'string' ? query : (query as { text: string }).text),
);

/** Messages of each connection that PostgreSQL has not answered. */
const unanswered = new WeakMap<object, number>();
// Each message to which the server answers that it is ready again.
listenTo(pg.Connection.prototype, ['query', 'sync'], (connection) => {
  const open = unanswered.get(connection);
  if (open === undefined) {
    (connection as pg.Connection).on('readyForQuery', () => {
      unanswered.set(connection, Math.max(0, (unanswered.get(connection) ?? 0) - 1));
    });
  }
  if ((open ?? 0) === 0) counts.roundTrips++;
  unanswered.set(connection, (open ?? 0) + 1);
});
