// A database whose calls are timed: reads, and how long a write holds the writer.
import type { Database } from '../../../src/ports/database.ts';
import type { RowEngine } from './engines.ts';

/** Milliseconds of the calls since the last `take`; `cpu`: this process's processor time during its reads. */
export type CallTimes = { readonly reads: number[]; readonly cpu: number[]; readonly writes: number[] };

/**
 * The database, and its times so far. A write is timed from its first statement to the end of its commit. To forget deleted
 * rows, SQLite holds the writer; PostgreSQL's vacuum and checkpoint hold none.
 */
export function timedDatabase(
  db: Database,
  engine: RowEngine,
): { readonly db: Database; readonly take: () => CallTimes } {
  let times: CallTimes = { reads: [], cpu: [], writes: [] };
  const read: Database['read'] = async (work, wait) => {
    const before = performance.now();
    const cpu = process.cpuUsage();
    try {
      return await db.read(work, wait);
    } finally {
      const { user, system } = process.cpuUsage(cpu);
      times.cpu.push((user + system) / 1_000);
      times.reads.push(performance.now() - before);
    }
  };
  const held = async <T>(run: (begun: () => void) => Promise<T>): Promise<T> => {
    let before = performance.now();
    try {
      return await run(() => {
        before = performance.now();
      });
    } finally {
      times.writes.push(performance.now() - before);
    }
  };
  const timed: Database = {
    ...db,
    read,
    change: (work, wait) =>
      held((begun) =>
        db.change((tx) => {
          begun();
          return work(tx);
        }, wait),
      ),
    note: (work, wait) =>
      held((begun) =>
        db.note((notes) => {
          begun();
          return work(notes);
        }, wait),
      ),
    forget: (wait) => (engine === 'sqlite' ? held(() => db.forget(wait)) : db.forget(wait)),
  };
  const take = (): CallTimes => {
    const taken = times;
    times = { reads: [], cpu: [], writes: [] };
    return taken;
  };
  return { db: timed, take };
}
