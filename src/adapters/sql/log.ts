// The log in SQL: appends events in the transaction of their change, reads them, counts windows.
import type { ExpressionBuilder, Kysely } from 'kysely';
import { leafBytes, leafHash, logName, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import type { LogWrites, Window, WindowNotes, WindowWrites } from '../../ports/rows/log-rows.ts';
import type { AuditHeadRow, Schema } from './schema.ts';

/** Members of every leaf: the deployment's name and this node's. */
export type LogIdentity = { readonly origin: string; readonly node: string };

export function logRows(db: Kysely<Schema>): LogWrites {
  return {
    events: (log, from, limit) =>
      db
        .selectFrom('auditEvent')
        .select(['log', 'seq', 'leaf', 'hash'])
        .where('log', '=', log)
        .where('seq', '>=', from)
        .orderBy('seq')
        .limit(limit)
        .execute(),
    eventsBelow: (log, before, limit) => {
      const all = db.selectFrom('auditEvent').select(['log', 'seq', 'leaf', 'hash']).where('log', '=', log);
      const below = before === null ? all : all.where('seq', '<', before);
      return below.orderBy('seq', 'desc').limit(limit).execute();
    },
    eventsOf: (log, recording, before, limit) => {
      const all = db
        .selectFrom('auditSubject')
        .innerJoin('auditEvent', (join) =>
          join.onRef('auditEvent.log', '=', 'auditSubject.log').onRef('auditEvent.seq', '=', 'auditSubject.seq'),
        )
        .select(['auditEvent.log', 'auditEvent.seq', 'auditEvent.leaf', 'auditEvent.hash'])
        .where('auditSubject.log', '=', log)
        .where('auditSubject.recording', '=', recording);
      const below = before === null ? all : all.where('auditSubject.seq', '<', before);
      return below.orderBy('auditSubject.seq', 'desc').limit(limit).execute();
    },
    details: async (log, indices) => {
      if (indices.length === 0) return [];
      const all = db.selectFrom('auditDetail').select(['seq', 'salt', 'sealed']).where('log', '=', log);
      return all.where('seq', 'in', indices).orderBy('seq').execute();
    },
    forgetDetails: async (log, recording) => {
      await db
        .updateTable('auditDetail')
        .set({ salt: null, sealed: null })
        .where('log', '=', log)
        .where('recording', '=', recording)
        .where('sealed', 'is not', null)
        .execute();
    },
  };
}

/**
 * Appends events, logs in sorted order, so that indices are contiguous. The first statement for a log advances its head
 * and locks it: concurrent writers wait, and times never go back.
 */
export async function appendEvents(
  db: Kysely<Schema>,
  identity: LogIdentity,
  events: readonly NewEvent[],
  now: string,
): Promise<Receipt[]> {
  const receipts = new Map<NewEvent, Receipt>();
  for (const log of [...new Set(events.map((event) => event.log))].sort()) {
    const added = events.filter((event) => event.log === log);
    const { size, mark: ts } = await advanceHead(db, log, added.length, now);
    const rows = added.map((event, n) => {
      const seq = size - added.length + n;
      const leaf = leafBytes(event, { ...identity, seq, ts });
      return { event, row: { log, seq, id: event.id, leaf, hash: leafHash(leaf) } };
    });
    await db
      .insertInto('auditEvent')
      .values(rows.map(({ row }) => row))
      .execute();
    const subjects = rows.flatMap(({ event, row: { seq } }) => {
      const recording = recordingOf(event);
      return recording === null ? [] : [{ log, recording, seq }];
    });
    if (subjects.length > 0) await db.insertInto('auditSubject').values(subjects).execute();
    for (const { event, row } of rows) {
      const { seq, hash } = row;
      if (event.detail !== undefined) {
        const { salt, sealed } = event.detail;
        const row = { log, seq, salt, sealed, recording: recordingOf(event) };
        await db.insertInto('auditDetail').values(row).execute();
      }
      receipts.set(event, { log: logName(identity.origin, log), seq, hash });
    }
  }
  return events.flatMap((event) => receipts.get(event) ?? []);
}

/** The recording of an event: finds the event by it, and an erasure deletes the event's detail. */
function recordingOf({ object }: NewEvent): string | null {
  if (object.type === 'recording') return object.id;
  const { recording } = object as Partial<Record<string, unknown>>;
  return typeof recording === 'string' ? recording : null;
}

/** Advances a log's size and time, and returns them. One statement even for a new log. */
function advanceHead(
  db: Kysely<Schema>,
  log: string,
  added: number,
  now: string,
): Promise<Pick<AuditHeadRow, 'size' | 'mark'>> {
  return db
    .insertInto('auditHead')
    .values({ log, size: added, mark: now })
    .onConflict((conflict) =>
      conflict.column('log').doUpdateSet(({ eb, ref }) => ({
        size: eb('auditHead.size', '+', ref('excluded.size')),
        mark: eb
          .case()
          .when('auditHead.mark', '>', ref('excluded.mark'))
          .then(ref('auditHead.mark'))
          .else(ref('excluded.mark'))
          .end(),
      })),
    )
    .returning(['size', 'mark'])
    .executeTakeFirstOrThrow();
}

/** The latest time in any log, or null before the first event. */
export async function latestLogTime(db: Kysely<Schema>): Promise<string | null> {
  const row = await db
    .selectFrom('auditHead')
    .select(({ fn }) => fn.max('mark').as('mark'))
    .executeTakeFirst();
  return row?.mark ?? null;
}

export function windowRows(db: Kysely<Schema>): WindowNotes & WindowWrites {
  const rowOf =
    ({ tenant, action, subject, target }: Window) =>
    (eb: ExpressionBuilder<Schema, 'window'>) =>
      eb.and({ tenant, action, subject, target });
  /** First the row, then the lock: two that open the same window together run one after the other. */
  const lock = async (window: Window): Promise<{ readonly start: string; readonly count: number }> => {
    await db
      .insertInto('window')
      .values({ ...window, count: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const locked = db.selectFrom('window').select(['start', 'count']).where(rowOf(window)).forUpdate();
    return locked.executeTakeFirstOrThrow();
  };
  const set = async (window: Window, count: number): Promise<void> => {
    await db.updateTable('window').set({ start: window.start, count }).where(rowOf(window)).execute();
  };
  return {
    increment: async (window) => {
      const { numUpdatedRows } = await db
        .updateTable('window')
        .set(({ eb }) => ({ count: eb('count', '+', 1) }))
        .where(rowOf(window))
        .where('start', '=', window.start)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    open: async (window) => {
      const last = await lock(window);
      await set(window, 1);
      return last.count;
    },
    lockedCount: async (window) => {
      const last = await lock(window);
      return last.start === window.start ? last.count : 0;
    },
    set,
  };
}
