// The log in SQL: appends events in the transaction of their change, and reads them.
import { type Kysely, sql } from 'kysely';
import { VaultError } from '../../errors.ts';
import {
  leafBytes,
  leafHash,
  logName,
  type NewEvent,
  type Receipt,
  recordingOf,
  subjectsOf,
} from '../../model/audit-event.ts';
import { heldForClients } from '../../model/held-log.ts';
import { FLOOR_AHEAD_MS } from '../../model/time/transaction-time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogWrites } from '../../ports/rows/log-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { aheadOf, floorOfLog, requireAgreement } from './log-floor.ts';
import { insertRows } from './many-rows.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

/** Members of every leaf: the deployment's name and this node's. */
export type LogIdentity = { readonly origin: string; readonly node: string };

/** A person restores it: clients need not ask often. */
const HELD_RETRY_S = 60;
const COLUMNS = ['log', 'seq', 'leaf', 'hash'] as const;

const head = query((db, log: string) =>
  db.selectFrom('auditHead').select(['size', 'held', 'restoring', 'restored']).where('log', '=', log),
);
const eventsFrom = query((db, log: string, from: number, limit: number) =>
  db
    .selectFrom('auditEvent')
    .select(COLUMNS)
    .where('log', '=', log)
    .where('seq', '>=', from)
    .orderBy('seq')
    .limit(limit),
);
const eventsBelow = query((db, log: string, before: number | null, limit: number) => {
  const newest = db.selectFrom('auditEvent').select(COLUMNS).where('log', '=', log).orderBy('seq', 'desc').limit(limit);
  return before === null ? newest : newest.where('seq', '<', before);
});
/** The events whose subject has this id. */
const withSubject = (db: Kysely<Schema>, log: string, id: string) =>
  db
    .selectFrom('auditSubject')
    .innerJoin('auditEvent', (join) =>
      join.onRef('auditEvent.log', '=', 'auditSubject.log').onRef('auditEvent.seq', '=', 'auditSubject.seq'),
    )
    .select(['auditEvent.log', 'auditEvent.seq', 'auditEvent.leaf', 'auditEvent.hash'])
    .where('auditSubject.log', '=', log)
    .where('auditSubject.recording', '=', id);
const eventsOf = query((db, log: string, recording: string, before: number | null, limit: number) => {
  const newest = withSubject(db, log, recording).orderBy('auditSubject.seq', 'desc').limit(limit);
  return before === null ? newest : newest.where('auditSubject.seq', '<', before);
});
/** A row beyond the log's size is none of its events: no seal covers it. */
const eventsAbout = query((db, log: string, index: number, id: string) => {
  const size = db.selectFrom('auditHead').select('size').where('log', '=', log);
  const created = db.selectFrom('auditEvent').select(COLUMNS).where('log', '=', log).where('seq', '=', index);
  const later = withSubject(db, log, id).where('auditSubject.seq', '>', index).where('auditSubject.seq', '<', size);
  return created.where('seq', '<', size).unionAll(later).orderBy('seq');
});
const subjectIds = query((db, log: string, pattern: string) =>
  db
    .selectFrom('auditSubject')
    .select('recording as id')
    .distinct()
    .where('log', '=', log)
    .where('recording', 'like', pattern)
    .orderBy('recording'),
);
const subjects = query((db, log: string, from: number, to: number, ids: readonly string[]) =>
  db
    .selectFrom('auditSubject')
    .select(['recording as id', 'seq'])
    .where('log', '=', log)
    .where('recording', 'in', ids)
    .where('seq', '>=', from)
    .where('seq', '<=', to),
);
const details = query((db, log: string, indices: readonly number[]) =>
  db
    .selectFrom('auditDetail')
    .select(['seq', 'salt', 'sealed'])
    .where('log', '=', log)
    .where('seq', 'in', indices)
    .orderBy('seq'),
);
const detailsOf = query((db, log: string, recording: string, events: readonly string[]) =>
  db
    .selectFrom('auditDetail')
    .innerJoin('auditEvent', (join) =>
      join.onRef('auditEvent.log', '=', 'auditDetail.log').onRef('auditEvent.seq', '=', 'auditDetail.seq'),
    )
    .select(['auditDetail.seq', 'auditDetail.salt', 'auditDetail.sealed', 'auditEvent.leaf'])
    .where('auditDetail.log', '=', log)
    .where('auditDetail.recording', '=', recording)
    // The index of a recording's details has those that are not deleted.
    .where('auditDetail.sealed', 'is not', null)
    .where('auditEvent.id', 'in', events)
    .orderBy('auditDetail.seq'),
);
const forgetDetails = query((db, log: string, recording: string) =>
  db
    .updateTable('auditDetail')
    .set({ salt: null, sealed: null })
    .where('log', '=', log)
    .where('recording', '=', recording)
    .where('sealed', 'is not', null),
);

const lift = query((db, log: string, size: number) =>
  db
    .updateTable('auditHead')
    .set({ held: null, restoring: null, restored: size })
    .where('log', '=', log)
    .where('size', '=', size)
    .where('held', 'is not', null),
);

export function logRows(db: Connection): LogWrites {
  return {
    size: async (log) => (await db.first(head(log)))?.size ?? 0,
    state: async (log) => (await db.first(head(log))) ?? null,
    events: (log, from, limit) => db.all(eventsFrom(log, from, limit)),
    eventsBelow: (log, before, limit) => db.all(eventsBelow(log, before, limit)),
    eventsOf: (log, recording, before, limit) => db.all(eventsOf(log, recording, before, limit)),
    eventsAbout: (log, index, id) => db.all(eventsAbout(log, index, id)),
    subjectIds: async (log, prefix) => (await db.all(subjectIds(log, `${prefix}%`))).map(({ id }) => id),
    subjects: async (log, from, to, ids) => (ids.length === 0 ? [] : db.all(subjects(log, from, to, ids))),
    details: async (log, indices) => (indices.length === 0 ? [] : db.all(details(log, indices))),
    detailsOf: async (log, recording, events) => (events.length === 0 ? [] : db.all(detailsOf(log, recording, events))),
    forgetDetails: async (log, recording) => {
      await db.run(forgetDetails(log, recording));
    },
    lift: async (log, size) => (await db.run(lift(log, size))) === 1,
  };
}

/** How events are appended: by which clock, and whether the server's must agree with it. */
export type Appending = {
  readonly identity: LogIdentity;
  readonly clock: Pick<Clock, 'now'>;
  readonly witness: boolean;
};

/**
 * Appends events, logs in sorted order, so that indices are contiguous. The first statement for a log advances its head
 * and locks it: concurrent writers wait, and times never go back, from one log to the next neither. Throws
 * `audit_unavailable` for a log that is held, `clock_differs` for one that is ahead of the clock, and where the clock
 * differs from the server's.
 */
export async function appendEvents(
  db: Connection,
  { identity, clock, witness }: Appending,
  events: readonly NewEvent[],
  now: string,
): Promise<Receipt[]> {
  const receipts = new Map<NewEvent, Receipt>();
  let earliest = now;
  for (const log of [...new Set(events.map((event) => event.log))].sort()) {
    const added = events.filter((event) => event.log === log);
    const most = new Date(clock.now() + FLOOR_AHEAD_MS).toISOString();
    const advanced = await db.first((witness ? advanceWitnessed : advanceHead)(log, added.length, earliest, most));
    if (advanced === undefined) throw await refusal(db, log, clock.now());
    const { size, mark: ts, server } = advanced;
    if (server !== null) requireAgreement(server, clock.now());
    earliest = ts;
    const rows = added.map((event, n) => {
      const seq = size - added.length + n;
      const leaf = leafBytes(event, { ...identity, seq, ts });
      return { event, row: { log, seq, id: event.id, leaf, hash: leafHash(leaf) } };
    });
    const inserts: Promise<unknown>[] = [];
    for (const { event, row } of rows) {
      const { seq, hash } = row;
      inserts.push(db.run(insertInto('auditEvent', row)));
      const recording = recordingOf(event.object);
      const subjects = subjectsOf(log, event.action, event.object);
      inserts.push(
        insertRows(
          db,
          'auditSubject',
          subjects.map((subject) => ({ log, recording: subject, seq })),
        ),
      );
      if (event.detail !== undefined) {
        const { salt, sealed } = event.detail;
        inserts.push(db.run(insertInto('auditDetail', { log, seq, salt, sealed, recording })));
      }
      receipts.set(event, { log: logName(identity.origin, log), seq, hash });
    }
    await Promise.all(inserts);
  }
  return events.flatMap((event) => receipts.get(event) ?? []);
}

/** Why a log takes no events. */
async function refusal(db: Connection, log: string, clock: number): Promise<VaultError> {
  const held = (await db.first(head(log)))?.held ?? null;
  // Not held: then it was ahead of the clock by more than is followed.
  if (held === null) return aheadOf(clock, log, (await floorOfLog(db, log)) ?? '');
  return new LogHeld('audit_unavailable', heldForClients(held), { retryAfter: HELD_RETRY_S, held });
}

/** The error about a log that takes no events because it is held. */
export class LogHeld extends VaultError {}

/** Advances a log's size and time, and returns them; no row where it is held or ahead of `most`. One statement even for a new log. */
function advance(db: Kysely<Schema>, log: string, added: number, now: string, most: string) {
  return db
    .insertInto('auditHead')
    .values({ log, size: added, mark: now })
    .onConflict((conflict) =>
      conflict
        .column('log')
        .doUpdateSet(({ eb, ref }) => ({
          size: eb('auditHead.size', '+', ref('excluded.size')),
          mark: eb
            .case()
            .when('auditHead.mark', '>', ref('excluded.mark'))
            .then(ref('auditHead.mark'))
            .else(ref('excluded.mark'))
            .end(),
        }))
        .where('auditHead.held', 'is', null)
        .where('auditHead.mark', '<=', most),
    )
    .returning(['size', 'mark']);
}
const advanceHead = query((db, log: string, added: number, now: string, most: string) =>
  advance(db, log, added, now, most).returning(sql<number | null>`null`.as('server')),
);
/** Also what the server's clock says at that moment, in milliseconds: not when the transaction began. */
const advanceWitnessed = query((db, log: string, added: number, now: string, most: string) =>
  advance(db, log, added, now, most).returning(
    sql<number | null>`extract(epoch from clock_timestamp())::float8 * 1000`.as('server'),
  ),
);
