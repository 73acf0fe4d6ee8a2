// Rows and blobs of changes as they were at some moment, put back by someone who can write database and bucket.
import type { Amended } from './amended.ts';
import type { Row, RowsBySql } from './rows-by-sql.ts';

/** Tables that changes write, each with the columns that name a row. */
const TABLES = {
  recording: ['tenant', 'id'],
  amendment: ['tenant', 'subject', 'n'],
  comment: ['tenant', 'id'],
  tenant: ['tenant'],
  policy: ['tenant', 'id'],
} as const;
export type ChangedTable = keyof typeof TABLES;
const ALL = Object.keys(TABLES) as ChangedTable[];

/** A moment: rows by table, blobs by name. */
export type Moment = {
  readonly rows: ReadonlyMap<ChangedTable, readonly Row[]>;
  readonly blobs: ReadonlyMap<string, Buffer>;
};

/** What there is now. */
export async function momentOf(test: Amended, sql: RowsBySql): Promise<Moment> {
  const rows = new Map<ChangedTable, readonly Row[]>();
  for (const table of ALL) rows.set(table, await sql.all(table));
  const blobs = new Map<string, Buffer>();
  for (const path of await test.entries()) blobs.set(path, await test.blob(path));
  return { rows, blobs };
}

/** Puts rows of these tables back as they were, and deletes those that came since: of one subject, or all. */
export async function rollBackRows(
  sql: RowsBySql,
  { rows }: Moment,
  tables: readonly ChangedTable[] = ALL,
  subject?: string,
): Promise<void> {
  for (const table of tables) {
    const keyOf = (row: Row): Row => Object.fromEntries(TABLES[table].map((name) => [name, row[name]]));
    const named = (all: readonly Row[]) =>
      new Map(all.filter((row) => isOf(table, row, subject)).map((row) => [JSON.stringify(keyOf(row)), row]));
    const [wanted, now] = [named(rows.get(table) ?? []), named(await sql.all(table))];
    for (const [name, row] of now) if (!wanted.has(name)) await sql.remove(table, keyOf(row));
    for (const [name, row] of wanted) {
      const there = now.get(name);
      if (there === undefined) await sql.insert(table, row);
      else if (JSON.stringify(there) !== JSON.stringify(row)) await sql.set(table, keyOf(row), row);
    }
  }
}

function isOf(table: ChangedTable, row: Row, subject: string | undefined): boolean {
  if (subject === undefined) return true;
  return (
    row[{ recording: 'id', amendment: 'subject', comment: 'recording', tenant: 'tenant', policy: 'tenant' }[table]] ===
    subject
  );
}

/** Puts the blobs of entries back as they were, and deletes those that came since: of one subject, or all. */
export async function rollBackBlobs(test: Amended, { blobs }: Moment, subject = ''): Promise<void> {
  const isWanted = (path: string) => path.includes(`/${subject}`);
  for (const path of (await test.entries()).filter(isWanted)) if (!blobs.has(path)) await test.setBlob(path, null);
  const now = new Set(await test.entries());
  for (const [path, bytes] of blobs) {
    if (isWanted(path) && (!now.has(path) || !bytes.equals(await test.blob(path)))) await test.setBlob(path, bytes);
  }
}
