// The log in SQL: appending events inside the transaction of their change, reading them, counting windows.
import type { Kysely } from 'kysely';
import { leafBytes, leafHash, logName, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import type { LogRows, WindowNotes, WindowWrites } from '../../ports/rows/log-rows.ts';
import type { Schema } from './schema.ts';

/** What every leaf carries: the deployment's name and this node's. */
export type LogIdentity = { readonly origin: string; readonly node: string };

export function logRows(db: Kysely<Schema>): LogRows {
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
  };
}

/** Appends events, logs in sorted order and each log's head last, so that indices are contiguous. */
export async function appendEvents(
  db: Kysely<Schema>,
  identity: LogIdentity,
  events: readonly NewEvent[],
  ts: string,
): Promise<Receipt[]> {
  const receipts = new Map<NewEvent, Receipt>();
  for (const log of [...new Set(events.map((event) => event.log))].sort()) {
    const head = await db.selectFrom('auditHead').selectAll().where('log', '=', log).executeTakeFirst();
    let seq = head?.size ?? 0;
    for (const event of events.filter((candidate) => candidate.log === log)) {
      const leaf = leafBytes(event, { ...identity, seq, ts });
      const hash = leafHash(leaf);
      await db.insertInto('auditEvent').values({ log, seq, id: event.id, leaf, hash }).execute();
      if (event.detail !== undefined) {
        const { salt, sealed } = event.detail;
        await db.insertInto('auditDetail').values({ log, seq, salt, sealed }).execute();
      }
      receipts.set(event, { log: logName(identity.origin, log), seq, hash });
      seq++;
    }
    await db
      .insertInto('auditHead')
      .values({ log, size: seq, mark: ts })
      .onConflict((conflict) => conflict.column('log').doUpdateSet({ size: seq, mark: ts }))
      .execute();
  }
  return events.flatMap((event) => receipts.get(event) ?? []);
}

/** The latest time in any log, or null before the first event. */
export async function latestMark(db: Kysely<Schema>): Promise<string | null> {
  const row = await db
    .selectFrom('auditHead')
    .select(({ fn }) => fn.max('mark').as('mark'))
    .executeTakeFirst();
  return row?.mark ?? null;
}

export function windowRows(db: Kysely<Schema>): WindowNotes & WindowWrites {
  return {
    countIn: async ({ tenant, action, subject, target, start }) => {
      const { numUpdatedRows } = await db
        .updateTable('window')
        .set(({ eb }) => ({ count: eb('count', '+', 1) }))
        .where('tenant', '=', tenant)
        .where('action', '=', action)
        .where('subject', '=', subject)
        .where('target', '=', target)
        .where('start', '=', start)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    open: async (window) => {
      const { tenant, action, subject, target, start } = window;
      const last = await db
        .selectFrom('window')
        .select('count')
        .where('tenant', '=', tenant)
        .where('action', '=', action)
        .where('subject', '=', subject)
        .where('target', '=', target)
        .executeTakeFirst();
      await db
        .insertInto('window')
        .values({ ...window, count: 1 })
        .onConflict((conflict) =>
          conflict.columns(['tenant', 'action', 'subject', 'target']).doUpdateSet({ start, count: 1 }),
        )
        .execute();
      return last?.count ?? 0;
    },
  };
}
