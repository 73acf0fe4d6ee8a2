// Beats of trusted clocks in SQL.
import type { ClockNotes, ClockWrites } from '../../ports/rows/clock-rows.ts';
import { deleteBeatsAfter, logFloors, setWorkBack } from './clock-repairs.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

const newestBeat = query((db) => db.selectFrom('clockBeat').select(({ fn }) => fn.max('at').as('at')));
const newestEvent = query((db) => db.selectFrom('auditHead').select(({ fn }) => fn.max('mark').as('at')));
const beat = query((db, node: string, at: string) =>
  db
    .insertInto('clockBeat')
    .values({ node, at })
    .onConflict((conflict) => conflict.column('node').doUpdateSet({ at })),
);

export function clockRows(db: Connection): ClockWrites {
  return {
    ...clockNotes(db),
    newestBeat: async () => (await db.first(newestBeat()))?.at ?? null,
    // A head that was never written to has an empty mark.
    newestEvent: async () => (await db.first(newestEvent()))?.at || null,
    floors: () => logFloors(db),
    deleteBeatsAfter: (after) => deleteBeatsAfter(db, after),
    setWorkBack: (log, to) => setWorkBack(db, log, to),
  };
}

export function clockNotes(db: Connection): ClockNotes {
  return {
    beat: async (node, at) => {
      await db.run(beat(node, at));
    },
  };
}
