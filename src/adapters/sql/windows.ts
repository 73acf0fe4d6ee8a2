// Counts by window of time in SQL.
import type { Kysely } from 'kysely';
import type { CountedWindow, Window, WindowNotes, WindowWrites } from '../../ports/rows/log-rows.ts';
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
    .values({ ...window, count: 0, ends: null, first: null })
    .onConflict((conflict) => conflict.doNothing()),
);
const lock = query((db, { tenant, action, subject, target }: Window) =>
  db
    .selectFrom('window')
    .select(['start', 'count', 'ends', 'first'])
    .where(({ and }) => and({ tenant, action, subject, target }))
    .forUpdate(),
);
const set = query((db, window: Window, count: number) => rowOf(db, window).set({ start: window.start, count }));
const begin = query((db, window: CountedWindow, count: number) =>
  rowOf(db, window).set({ start: window.start, count, ends: window.ends, first: window.first }),
);
const remove = query((db, { tenant, action, subject, target }: Window) =>
  db.deleteFrom('window').where(({ and }) => and({ tenant, action, subject, target })),
);
const forget = query((db, window: Window) =>
  db
    .deleteFrom('window')
    .where(({ and }) => and({ tenant: window.tenant, action: window.action, subject: window.subject }))
    .where(({ and }) => and({ target: window.target, start: window.start, count: 1 })),
);
const ended = query((db, now: string, after: string, limit: number) =>
  db.selectFrom('window').selectAll().where('ends', '<', now).where('ends', '>', after).orderBy('ends').limit(limit),
);
/** Of rows that have an end: those of counted events. */
function endedWindow<R extends { readonly ends: string | null; readonly first: string | null }>(row: R) {
  return row.ends === null || row.first === null ? null : { ...row, ends: row.ends, first: row.first };
}

export function windowRows(db: Connection): WindowNotes & WindowWrites {
  /** First the row, then the lock: two that open the same window together run one after the other. */
  const locked = async ({ tenant, action, subject, target, start }: Window) => {
    const window = { tenant, action, subject, target, start };
    const [, row] = await Promise.all([db.run(create(window)), db.one(lock(window))]);
    return row;
  };
  return {
    increment: async (window) => (await db.run(increment(window))) === 1,
    forget: async (window) => (await db.run(forget(window))) === 1,
    ended: async (now, after, limit) =>
      (await db.all(ended(now, after, limit))).flatMap((row) => endedWindow(row) ?? []),
    open: async (window) => {
      const last = await locked(window);
      // Two processes that open the same window together count as two.
      const same = last.start === window.start ? last.count : 0;
      await db.run(begin(window, same + 1));
      const known = same > 0 || last.count === 0 ? null : endedWindow(last);
      return known === null ? null : { ...window, ...known };
    },
    close: async (window) => {
      const last = await db.first(lock(window));
      const known = last === undefined || last.start !== window.start ? null : endedWindow(last);
      if (known === null) return null;
      await db.run(remove(window));
      return { ...window, ...known };
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
