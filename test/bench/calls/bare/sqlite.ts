// Rows of the bare minimum in SQLite: one handle with the product's settings.
import SqliteFile from 'better-sqlite3';
import type { Answer, Row, Rows, Work } from './rows.ts';

/** Opens the file. */
export function openSqliteRows(path: string): Rows {
  const db = new SqliteFile(path);
  for (const setting of ['trusted_schema = OFF', 'journal_mode = WAL', 'synchronous = FULL']) db.pragma(setting);
  for (const setting of ['secure_delete = ON', 'foreign_keys = ON']) db.pragma(setting);
  const statements: ((values: readonly unknown[]) => Answer)[] = [];
  const run = <T>(work: Work<T>): T => {
    let next = work.next();
    while (next.done !== true) {
      const answers: Answer[] = [];
      for (const { number, values } of next.value) {
        const statement = statements[number];
        if (statement !== undefined) answers.push(statement(values));
      }
      next = work.next(answers);
    }
    return next.value;
  };
  const change = db.transaction(run).immediate as typeof run;
  return {
    elements: 'select value from json_each(?)',
    prepare: (sql) => {
      const statement = db.prepare<unknown[], Row>(sql);
      const number = statements.length;
      statements.push(
        statement.reader
          ? (values) => ({ rows: statement.all(...values), changes: 0 })
          : (values) => ({ rows: [], changes: statement.run(...values).changes }),
      );
      return (...values) => ({ number, values });
    },
    read: run,
    write: change,
    close: () => db.close(),
  };
}
