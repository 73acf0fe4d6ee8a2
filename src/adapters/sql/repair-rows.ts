// Holds and repairs of a log in SQL.
import type { Kysely } from 'kysely';
import type { Difference } from '../../model/held-log.ts';
import type { HoldNotes, LogRepairs } from '../../ports/rows/repair-rows.ts';
import type { Connection } from './connection.ts';
import type { LogEditing } from './log-editing.ts';
import { settleMark } from './log-floor.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { insertSeal } from './seal-rows.ts';

const hold = query((db, log: string, held: Difference, restored: number) =>
  db
    .insertInto('auditHead')
    .values({ log, size: 0, mark: '', held })
    .onConflict((conflict) =>
      conflict
        .column('log')
        .doUpdateSet({ held })
        .where('auditHead.held', 'is', null)
        .where('auditHead.restored', '=', restored),
    ),
);

export function holdNotes(db: Connection): HoldNotes {
  return { hold: async (log, held, restored) => (await db.run(hold(log, held, restored))) === 1 };
}

const begin = query((db, log: string, from: number) =>
  db
    .updateTable('auditHead')
    .set(({ eb }) => ({
      restoring: eb.case().when('restoring', '<', from).then(eb.ref('restoring')).else(from).end(),
    }))
    .where('log', '=', log)
    .where('held', 'is not', null),
);
const resize = query((db, log: string, was: number, size: number) => heldOf(db, log, was).set({ size }));
const advance = query((db, log: string, was: number, size: number, mark: string) =>
  heldOf(db, log, was).set({ size, mark }),
);
const heldOf = (db: Kysely<Schema>, log: string, size: number) =>
  db.updateTable('auditHead').where('log', '=', log).where('size', '=', size).where('held', 'is not', null);
const insertEvent = query((db, log: string, seq: number, id: string, leaf: Uint8Array, hash: Uint8Array) =>
  db
    .insertInto('auditEvent')
    .values({ log, seq, id, leaf, hash })
    .onConflict((conflict) => conflict.doNothing()),
);
const insertSubject = query((db, log: string, recording: string, seq: number) =>
  db
    .insertInto('auditSubject')
    .values({ log, recording, seq })
    .onConflict((conflict) => conflict.doNothing()),
);
const deleteFrom = <T extends 'auditEvent' | 'auditDetail' | 'auditSubject'>(table: T) =>
  query((db, log: string, from: number, to: number) =>
    (db as unknown as Kysely<Pick<Schema, 'auditEvent'>>)
      .deleteFrom(table as 'auditEvent')
      .where('log', '=', log)
      .where('seq', '>=', from)
      .where('seq', '<', to),
  );
const DELETES = [deleteFrom('auditSubject'), deleteFrom('auditDetail'), deleteFrom('auditEvent')] as const;
const deleteSeals = query((db, log: string, above: number) =>
  db.deleteFrom('auditSeal').where('log', '=', log).where('size', '>', above),
);
const deleteTiles = query((db, log: string) => db.deleteFrom('auditTile').where('log', '=', log));

export function logRepairs(db: Connection, editing: LogEditing): LogRepairs {
  return {
    begin: async (log, from) => (await db.run(begin(log, from))) === 1,
    reinsert: async (log, size, { events, mark }, seal) => {
      // First the head: its lock makes two restores take turns.
      if ((await db.run(advance(log, size, size + events.length, mark))) !== 1) return false;
      const inserts: Promise<number>[] = [];
      for (const { seq, id, leaf, hash, subjects } of events) {
        inserts.push(db.run(insertEvent(log, seq, id, leaf, hash)));
        for (const subject of subjects) inserts.push(db.run(insertSubject(log, subject, seq)));
      }
      if (seal !== null) inserts.push(db.run(insertSeal(log, seal.size, seal.note)));
      await Promise.all(inserts);
      return true;
    },
    remove: async (log, was, size, ranges) => {
      if ((await db.run(resize(log, was, size))) !== 1) return false;
      await editing(db, async () => {
        for (const { from, to } of ranges) for (const one of DELETES) await db.run(one(log, from, to));
        await db.run(deleteSeals(log, size));
        await db.run(deleteTiles(log));
      });
      // What is left says how late it is, not what was removed.
      await settleMark(db, log);
      return true;
    },
  };
}
