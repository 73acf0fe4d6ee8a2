// SQLite's writer: runs the changes that wait in one transaction with one commit.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database as SqliteFile } from 'better-sqlite3';
import { VaultError } from '../../errors.ts';
import { letOthersRun } from './fair-turns.ts';
import { BUSY_TIMEOUT_MS, isBusy } from './sqlite-errors.ts';

/** How long a transaction may take up further changes before its commit. */
const GROUP_MS = 4;

type Job = {
  readonly since: number;
  /** Runs outside a transaction. */
  readonly alone: boolean;
  readonly work: () => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/** What a change learns once the transaction is committed. */
type Outcome = { readonly job: Job; readonly settle: () => void };

export type SqliteWriter = {
  /** Runs a change in a transaction, and resolves after its commit. */
  readonly change: <T>(work: () => Promise<T>) => Promise<T>;
  /** Runs what SQLite does only outside a transaction. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
};

/**
 * Runs changes in the order of the calls. Those that wait share a transaction: each has a savepoint, so that one that
 * fails takes back only its own writes, and each learns its result after the common commit. SQLite's own busy timeout
 * stays 0, since it blocks the event loop: while another process writes, the writer tries again with jitter, and a change
 * that waited 5 seconds fails with `database_busy`. After each commit, the next transaction waits for `committed`.
 */
export function sqliteWriter(file: SqliteFile, committed: () => Promise<void> | null = () => null): SqliteWriter {
  const waiting: Job[] = [];
  let running = false;
  const [begin, commit, rollback, savepoint, undo, release] = (
    ['begin immediate', 'commit', 'rollback', 'savepoint one', 'rollback to one', 'release one'] as const
  ).map((sql) => {
    const prepared = file.prepare(sql);
    return () => void prepared.run();
  }) as [() => void, () => void, () => void, () => void, () => void, () => void];

  const takeBack = (): void => {
    try {
      if (file.inTransaction) rollback();
    } catch {
      // The first error counts; a handle that cannot roll back fails at the next begin.
    }
  };

  /** Runs a change after others of the same transaction. Throws where the transaction is lost with it. */
  const join = async (job: Job, outcomes: Outcome[]): Promise<void> => {
    savepoint();
    try {
      const result = await job.work();
      release();
      outcomes.push({ job, settle: () => job.resolve(result) });
    } catch (error) {
      // A full disk or a failed write ends the whole transaction.
      if (!file.inTransaction) throw error;
      undo();
      release();
      // Only after the commit: the reason may be what an earlier change of this transaction wrote.
      outcomes.push({ job, settle: () => job.reject(error) });
    }
  };

  /** Runs the first change and those that wait behind it, and commits. */
  const transaction = async (first: Job): Promise<void> => {
    const outcomes: Outcome[] = [];
    let current = first;
    try {
      const result = await first.work();
      outcomes.push({ job: first, settle: () => first.resolve(result) });
      for (const until = performance.now() + GROUP_MS; performance.now() < until; ) {
        if (waiting[0]?.alone !== false) break;
        current = waiting.shift() as Job;
        await join(current, outcomes);
      }
      commit();
    } catch (error) {
      takeBack();
      for (const { job } of outcomes) job.reject(error);
      current.reject(error);
      return;
    }
    for (const { settle } of outcomes) settle();
  };

  const runAlone = (job: Job): Promise<void> => job.work().then(job.resolve, job.reject);

  const run = async (): Promise<void> => {
    for (let attempt = 0; waiting.length > 0; ) {
      await letOthersRun();
      if (waiting[0]?.alone === true) {
        await runAlone(waiting.shift() as Job);
        continue;
      }
      try {
        begin();
      } catch (error) {
        if (isBusy(error)) await waitForOther(attempt++);
        rejectAfter(waiting, error);
        continue;
      }
      attempt = 0;
      await transaction(waiting.shift() as Job);
      await committed();
    }
    running = false;
  };

  const queue = <T>(work: () => Promise<T>, alone: boolean): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ since: performance.now(), alone, work, resolve: resolve as Job['resolve'], reject });
      if (running) return;
      running = true;
      void run();
    });

  return { change: (work) => queue(work, false), alone: (work) => queue(work, true) };
}

function waitForOther(attempt: number): Promise<void> {
  return sleep(Math.random() * Math.min(5 * 2 ** attempt, 250));
}

/** Rejects the changes that cannot begin: all, or those that have waited long enough for another process. */
function rejectAfter(waiting: Job[], error: unknown): void {
  const failed = isBusy(error) ? waiting.filter(({ since }) => performance.now() - since > BUSY_TIMEOUT_MS) : waiting;
  const kept = waiting.filter((job) => !failed.includes(job));
  const reason = isBusy(error)
    ? new VaultError('database_busy', 'the database is busy', { cause: error, retryAfter: 2 })
    : error;
  for (const job of failed) job.reject(reason);
  waiting.splice(0, waiting.length, ...kept);
}
