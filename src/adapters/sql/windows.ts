// Counts by window of time in SQL.
import type { Kysely } from 'kysely';
import type { Window, WindowNotes, WindowWrites } from '../../ports/rows/log-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

const rowOf = (db: Kysely<Schema>, { tenant, action, subject, target }: Window) =>
  db.updateTable('window').where(({ and }) => and({ tenant, action, subject, target }));

const increment = query((db, window: Window) =>
  rowOf(db, window)
    .set(({ eb }) => ({ count: eb('count', '+', 1) }))
    .where('start', '=', window.start),
);
const create = query((db, window: Window) =>
  db
    .insertInto('window')
    .values({ ...window, count: 0 })
    .onConflict((conflict) => conflict.doNothing()),
);
const lock = query((db, { tenant, action, subject, target }: Window) =>
  db
    .selectFrom('window')
    .select(['start', 'count'])
    .where(({ and }) => and({ tenant, action, subject, target }))
    .forUpdate(),
);
const set = query((db, window: Window, count: number) => rowOf(db, window).set({ start: window.start, count }));

export function windowRows(db: Connection): WindowNotes & WindowWrites {
  /** First the row, then the lock: two that open the same window together run one after the other. */
  const locked = async (window: Window): Promise<{ readonly start: string; readonly count: number }> => {
    const [, row] = await Promise.all([db.run(create(window)), db.one(lock(window))]);
    return row;
  };
  return {
    increment: async (window) => (await db.run(increment(window))) === 1,
    open: async (window) => {
      const last = await locked(window);
      await db.run(set(window, 1));
      return last.count;
    },
    lockedCount: async (window) => {
      const last = await locked(window);
      return last.start === window.start ? last.count : 0;
    },
    set: async (window, count) => {
      await db.run(set(window, count));
    },
  };
}
