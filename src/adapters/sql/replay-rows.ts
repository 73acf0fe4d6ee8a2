// Replays of entries in SQL.
import type { ReplayNotes, ReplayRows } from '../../ports/rows/replay-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

const mark = query((db, tenant: string) => db.selectFrom('replay').select('entries').where('tenant', '=', tenant));
const moveMark = query((db, tenant: string, from: string | null, to: string) =>
  db
    .updateTable('replay')
    .set({ entries: to })
    .where('tenant', '=', tenant)
    .where((eb) => (from === null ? eb('entries', 'is', null) : eb('entries', '=', from))),
);
const waiting = query((db) =>
  db.selectFrom('replayQuestion').select(['tenant', 'asked']).whereRef('asked', '>', 'answered').orderBy('tenant'),
);
const answered = query((db, tenant: string) =>
  db.selectFrom('replayQuestion').select('answered').where('tenant', '=', tenant),
);
const ask = query((db, tenant: string) =>
  db
    .insertInto('replayQuestion')
    .values({ tenant, asked: 1, answered: 0 })
    .onConflict((conflict) =>
      conflict.column('tenant').doUpdateSet(({ eb, ref }) => ({ asked: eb(ref('replayQuestion.asked'), '+', 1) })),
    )
    .returning('asked'),
);
const answer = query((db, tenant: string, asked: number) =>
  db.updateTable('replayQuestion').set({ answered: asked }).where('tenant', '=', tenant).where('answered', '<', asked),
);

export function replayRows(db: Connection): ReplayRows {
  return {
    mark: async (tenant) => (await db.first(mark(tenant)))?.entries ?? null,
    waiting: () => db.all(waiting()),
    answered: async (tenant) => (await db.first(answered(tenant)))?.answered ?? 0,
  };
}

export function replayNotes(db: Connection): ReplayNotes {
  return {
    moveMark: async (tenant, from, to) => (await db.run(moveMark(tenant, from, to))) === 1,
    ask: async (tenant) => (await db.one(ask(tenant))).asked,
    answer: async ({ tenant, asked }) => {
      await db.run(answer(tenant, asked));
    },
  };
}
