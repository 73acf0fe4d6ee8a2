// The thread that copies SQLite's write-ahead log into the file: its syncs take as long as the disk does.
import { parentPort, workerData } from 'node:worker_threads';
import SqliteFile from 'better-sqlite3';

/** What `PRAGMA wal_checkpoint` returns: `log` is the number of pages in the write-ahead log. */
type Copied = { readonly busy: number; readonly log: number };

/** How long the thread waits for a moment without writers and without readers of an older state, in milliseconds. */
const WAIT_MS = 50;
/** While others write during each copy the log never begins again: above so many pages the thread stops them for it. */
const RESTART_PAGES = 2_000;

const file = new SqliteFile(String(workerData), { timeout: WAIT_MS });
file.pragma('synchronous = FULL');
file.pragma('wal_autocheckpoint = 0');

/** Copies, and returns how many pages the log has: 0 once the next commit begins it again. */
function copy(): number {
  try {
    const [copied] = file.pragma('wal_checkpoint(PASSIVE)') as readonly Copied[];
    if (copied === undefined || copied.log <= RESTART_PAGES) return copied?.log ?? 0;
    const [again] = file.pragma('wal_checkpoint(RESTART)') as readonly Copied[];
    return again?.busy === 0 ? 0 : copied.log;
  } catch {
    // Of a full disk or a damaged file, commits say what is wrong.
    return 0;
  }
}

const port = parentPort;
port?.on('message', (end: boolean) => {
  if (end) {
    file.close();
    port.close();
    return;
  }
  port.postMessage(copy());
});
port?.postMessage(0);
