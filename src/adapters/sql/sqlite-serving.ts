// The mark of the process that serves a SQLite file: a lock on a file beside it, which ends when the process exits.
import { closeSync, openSync } from 'node:fs';
import SqliteFile from 'better-sqlite3';

/** Open until the process exits. */
const marks: SqliteFile.Database[] = [];

/** Marks this process as the one that serves the database of this path. False where another process does. */
export function markServing(path: string): boolean {
  try {
    const name = `${path}-serving`;
    // SQLite would make it readable for everyone.
    closeSync(openSync(name, 'a', 0o600));
    const mark = new SqliteFile(name, { timeout: 0 });
    marks.push(mark);
    // Otherwise SQLite writes a journal next to it.
    mark.pragma('journal_mode = memory');
    mark.exec('begin exclusive');
    return true;
  } catch (error) {
    // On a full disk it serves without the mark.
    return !(error instanceof SqliteFile.SqliteError && error.code.startsWith('SQLITE_BUSY'));
  }
}
