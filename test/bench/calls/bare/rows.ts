// Rows of the bare minimum. Its work is written once, as generators: SQLite answers at once, and PostgreSQL later.

/** A row of a table, by its columns. The columns' names are also those under which a MAC covers them. */
export type Row = Readonly<Record<string, unknown>>;

/** A prepared statement with its values; `number` is the statement's. */
export type Asked = { readonly number: number; readonly values: readonly unknown[] };

/** Rows that a statement returned, and how many rows it changed. */
export type Answer = { readonly rows: readonly Row[]; readonly changes: number };

/** Work on rows: yields statements that need nothing of each other, and goes on with their answers. */
export type Work<T> = Generator<readonly Asked[], T, readonly Answer[]>;

/** The rows of one engine. */
export type Rows = {
  /** Prepares a statement, with `?` for each value. */
  readonly prepare: (sql: string) => (...values: readonly unknown[]) => Asked;
  /** SQL for the texts of a JSON array, which is the value of its `?`. */
  readonly elements: string;
  /** Runs work that only reads. */
  readonly read: <T>(work: Work<T>) => T | Promise<T>;
  /** Runs work in a transaction, and returns after its commit. */
  readonly write: <T>(work: Work<T>) => T | Promise<T>;
  readonly close: () => unknown;
};

/** The rows of one statement. */
export function* rowsOf(asked: Asked): Work<readonly Row[]> {
  const [answer] = yield [asked];
  return answer?.rows ?? [];
}

/** The first row of each statement. */
export function* firstOf(...asked: readonly Asked[]): Work<readonly (Row | undefined)[]> {
  return (yield asked).map(({ rows }) => rows[0]);
}

/** Throws unless a statement changed one row. */
export function requireChange(answer: Answer | undefined): void {
  if (answer?.changes !== 1) throw new Error('a row changed meanwhile');
}
