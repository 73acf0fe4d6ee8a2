// The mark of the process that serves a SQLite file: a lock on a file beside it, which ends when the process exits.
import SqliteFile from 'better-sqlite3';

/** Open until the process exits. */
const marks: SqliteFile.Database[] = [];

/** Marks this process as the one that serves the database of this path. False where another process does. */
export function markServing(path: string): boolean {
  const mark = new SqliteFile(`${path}-serving`, { timeout: 0 });
  try {
    mark.exec('begin exclusive');
    marks.push(mark);
    return true;
  } catch (error) {
    mark.close();
    if (error instanceof SqliteFile.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}
