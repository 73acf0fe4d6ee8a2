// Copies of SQLite's write-ahead log into the file, by a thread: in a commit they would stop everything for as long as the
// disk syncs, which was 30 ms to 840 ms on a busy one.
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Database as SqliteFile } from 'better-sqlite3';
import { startWorker, workerFile } from '../threads/start-worker.ts';

const WORKER = workerFile(import.meta.url, 'checkpoint-worker');
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

/**
 * Pages in the write-ahead log at which a commit copies them itself, without the thread: in a file of a million recordings
 * they lie apart, SQLite's own 1,000 take 20 ms and these 8, where the disk is quiet.
 */
export const CHECKPOINT_PAGES = 400;

/** Changed rows, of two or three pages each, until the next copy; and until a process gets a thread: most commands end before. */
const ROWS = 200;
const ROWS_OF_COMMAND = 5_000;
/** Writers wait for the thread when the log has so many pages, or so many rows were changed since a copy began. */
const MOST_PAGES = 4_000;
const MOST_ROWS = 2_000;

export type SqliteCheckpoints = {
  /**
   * Begins a copy once enough has been committed; `changed`: rows since the file was opened. Where writers are ahead of the
   * thread, the next one waits for the promise.
   */
  readonly committed: (changed: number) => Promise<void> | null;
  /** Runs `work` while the thread copies nothing. */
  readonly without: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends the thread. */
  readonly close: () => Promise<void>;
};

/** Checkpoints of the file at `path`, to which this handle writes. */
export function sqliteCheckpoints(path: string, file: SqliteFile): SqliteCheckpoints {
  let thread: Worker | null = null;
  let [ended, paused, full] = [false, false, false];
  /** Rows changed when the last copy began. */
  let copied = 0;
  /** Until the thread answers, or ends. */
  let waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  const limit = (pages: number): void => void file.pragma(`wal_autocheckpoint = ${pages}`);
  const wait = (): { readonly promise: Promise<void> } => {
    let resolve = (): void => undefined;
    const promise = new Promise<void>((settle) => {
      resolve = settle;
    });
    waiting = { promise, resolve };
    return waiting;
  };
  const answered = (pages: number): void => {
    full = pages > MOST_PAGES;
    waiting?.resolve();
    waiting = null;
  };

  const start = (): void => {
    try {
      thread = startWorker(WORKER, { workerData: path, resourceLimits: LIMITS, env: {} });
    } catch {
      // The system allows no more threads: commits go on copying.
      ended = true;
      return;
    }
    wait();
    thread.unref();
    thread.once('message', () => limit(0));
    thread.on('message', answered);
    // The exit event follows.
    thread.on('error', () => undefined);
    thread.on('exit', () => {
      [thread, ended] = [null, true];
      if (file.open) limit(CHECKPOINT_PAGES);
      answered(0);
    });
  };

  limit(CHECKPOINT_PAGES);
  return {
    committed: (changed) => {
      if (ended || paused) return null;
      if (thread === null) {
        if (changed >= ROWS_OF_COMMAND) start();
        // Until it answers, commits copy.
        copied = changed;
        return null;
      }
      if (waiting !== null) return changed - copied < MOST_ROWS ? null : waiting.promise;
      if (changed - copied < ROWS) return null;
      copied = changed;
      const { promise } = wait();
      thread.postMessage(false);
      return full ? promise : null;
    },
    without: async (work) => {
      paused = true;
      try {
        thread?.ref();
        await waiting?.promise;
        return await work();
      } finally {
        thread?.unref();
        paused = false;
      }
    },
    close: async () => {
      paused = true;
      thread?.ref();
      await waiting?.promise;
      if (thread === null) return;
      const over = once(thread, 'exit');
      thread.postMessage(true);
      await over;
    },
  };
}
