// Rows read, written and restored by SQL, as an attacker with the database but without keys does.

import SqliteFile from 'better-sqlite3';
import pg from 'pg';

export type Row = Readonly<Record<string, unknown>>;

export type RowsBySql = {
  readonly all: (table: string) => Promise<Row[]>;
  readonly insert: (table: string, row: Row) => Promise<void>;
  /** Sets columns of the only row with these values. Throws unless there is exactly one. */
  readonly set: (table: string, which: Row, values: Row) => Promise<void>;
  readonly remove: (table: string, which: Row) => Promise<void>;
  /** Drops the triggers of the log, which its owner can: from then on its rows can be changed. */
  readonly freeLog: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type RunSql = (sql: string, values: readonly unknown[]) => Promise<{ readonly rows: Row[]; readonly changed: number }>;

/** A second handle on a SQLite file. */
export function rowsOfSqlite(path: string): RowsBySql {
  const file = new SqliteFile(path, { timeout: 60_000 });
  const run: RunSql = async (sql, values) => {
    const prepared = file.prepare(sql.replace(/\$\d+/g, '?'));
    if (prepared.reader) return { rows: prepared.all(...values) as Row[], changed: 0 };
    return { rows: [], changed: prepared.run(...values).changes };
  };
  const triggers = ['event', 'subject'].flatMap((table) =>
    ['update', 'delete'].map((action) => `drop trigger if exists audit_${table}_${action}`),
  );
  return rowsBy(run, triggers, async () => void file.close());
}

/** A connection to a PostgreSQL database. */
export async function rowsOfPostgres(url: string): Promise<RowsBySql> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const run: RunSql = async (sql, values) => {
    const { rows, rowCount } = await client.query<Row>(sql, [...values]);
    return { rows, changed: rowCount ?? 0 };
  };
  const triggers = ['audit_event', 'audit_subject'].map(
    (table) => `drop trigger if exists ${table}_only_grows on ${table}`,
  );
  return rowsBy(run, triggers, () => client.end());
}

function rowsBy(run: RunSql, triggers: readonly string[], close: () => Promise<void>): RowsBySql {
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`);
  const one = async (sql: string, values: readonly unknown[]): Promise<void> => {
    const { changed } = await run(sql, values);
    if (changed !== 1) throw new Error(`${changed} rows changed: ${sql}`);
  };
  const where = (which: Row, from: number): string =>
    quoted(Object.keys(which))
      .map((name, n) => `${name} = $${from + n}`)
      .join(' and ');
  return {
    all: async (table) => (await run(`select * from "${table}"`, [])).rows,
    insert: (table, row) => {
      const places = Object.keys(row).map((_, n) => `$${n + 1}`);
      const sql = `insert into "${table}" (${quoted(Object.keys(row))}) values (${places})`;
      return one(sql, Object.values(row));
    },
    set: (table, which, values) => {
      const sets = quoted(Object.keys(values)).map((name, n) => `${name} = $${n + 1}`);
      const sql = `update "${table}" set ${sets} where ${where(which, sets.length + 1)}`;
      return one(sql, [...Object.values(values), ...Object.values(which)]);
    },
    remove: (table, which) => one(`delete from "${table}" where ${where(which, 1)}`, Object.values(which)),
    freeLog: async () => {
      for (const trigger of triggers) await run(trigger, []);
    },
    close,
  };
}
