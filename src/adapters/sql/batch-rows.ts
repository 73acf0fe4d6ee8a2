// Batches and assigned grants in SQL.
import { type Kysely, sql } from 'kysely';
import type { AssignedGrant, BatchFilter, BatchWrites, QueueCursor } from '../../ports/rows/batch-rows.ts';
import type { Connection } from './connection.ts';
import { literal, literals, withoutIndex } from './literals.ts';
import { batches, grants } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('batch', batches);

const LIVE = literals('APPROVED', 'CONSUMED');

const batchesIn = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('batch').selectAll().where('tenant', '=', tenant);
const grantsIn = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant);

const findMany = query((db, tenant: string, ids: readonly string[]) =>
  batchesIn(db, tenant).where('id', 'in', ids).orderBy('id'),
);
const page = query(
  (
    db,
    tenant: string,
    state: string | null,
    maker: string | null,
    queues: readonly Uint8Array[],
    before: string | null,
    limit: number,
  ) => {
    let found = db.selectFrom('batch').selectAll('batch').where('batch.tenant', '=', tenant);
    if (state !== null) found = found.where('batch.state', '=', state as 'OPEN');
    if (maker !== null)
      found = found.where(({ eb, or, exists }) => {
        const own = eb('batch.maker', '=', maker);
        if (queues.length === 0) return own;
        const ofQueues = db
          .selectFrom('accessGrant')
          .innerJoin('recording', (join) =>
            join
              .onRef('recording.tenant', '=', 'accessGrant.tenant')
              .onRef('recording.id', '=', 'accessGrant.recording'),
          )
          .select('accessGrant.id')
          .where('accessGrant.tenant', '=', tenant)
          .where('accessGrant.batch', '=', sql.ref<string>('batch.id'))
          .where('recording.queue', 'in', queues);
        return or([own, exists(ofQueues)]);
      });
    if (before !== null) found = found.where('batch.id', '<', before);
    return found.orderBy('batch.id', 'desc').limit(limit);
  },
);
const grantsOf = query((db, tenant: string, ids: readonly string[]) =>
  grantsIn(db, tenant).where('batch', 'in', ids).orderBy('id'),
);
const grantsInQueues = query((db, tenant: string, ids: readonly string[], queues: readonly Uint8Array[]) =>
  db
    .selectFrom('accessGrant')
    .innerJoin('recording', (join) =>
      join.onRef('recording.tenant', '=', 'accessGrant.tenant').onRef('recording.id', '=', 'accessGrant.recording'),
    )
    .selectAll('accessGrant')
    .where('accessGrant.tenant', '=', tenant)
    .where('accessGrant.batch', 'in', ids)
    .where('recording.queue', 'in', queues)
    .orderBy('accessGrant.id'),
);
const queue = query(
  (db, tenant: string, person: string, now: string, since: string, at: string | null, id: string, limit: number) => {
    let found = grantsIn(db, tenant)
      .where('person', '=', person)
      .where('batch', 'is not', null)
      .where('opensUntil', '>', since)
      .where(({ eb, and, or }) =>
        or([
          and([eb('state', 'in', LIVE), eb('expires', '>', now)]),
          and([
            eb('state', 'in', literals('APPROVED', 'CONSUMED', 'EXPIRED')),
            eb('started', 'is not', null),
            eb('opensUntil', '>', now),
          ]),
        ]),
      );
    if (at !== null)
      found = found.where(({ eb, and, or }) =>
        and([eb('opensUntil', '>=', at), or([eb('opensUntil', '>', at), eb('id', '>', id)])]),
      );
    return found.orderBy('opensUntil').orderBy('id').limit(limit);
  },
);
const finished = query((db, tenant: string, person: string, at: string | null, id: string, limit: number) => {
  let found = grantsIn(db, tenant)
    .where('person', '=', person)
    .where('done', 'is not', null)
    .where('state', 'in', literals('DONE', 'RETURNED'));
  if (at !== null)
    found = found.where(({ eb, and, or }) => and([eb('done', '<=', at), or([eb('done', '<', at), eb('id', '<', id)])]));
  return found.orderBy('done', 'desc').orderBy('id', 'desc').limit(limit);
});
const current = query((db, tenant: string, person: string, since: string) =>
  db
    .selectFrom('accessGrant')
    .innerJoin('batch', (join) =>
      join.onRef('batch.tenant', '=', 'accessGrant.tenant').onRef('batch.id', '=', 'accessGrant.batch'),
    )
    .select(['accessGrant.state', 'accessGrant.started', 'accessGrant.expires', 'accessGrant.opensUntil'])
    .where('accessGrant.tenant', '=', tenant)
    .where('accessGrant.person', '=', person)
    .where('accessGrant.batch', 'is not', null)
    .where('accessGrant.opensUntil', '>', since)
    .where('batch.state', '=', 'OPEN'),
);
const minutesOf = query((db, tenant: string, ids: readonly string[]) =>
  db
    .selectFrom('accessGrant')
    .innerJoin('session', (join) =>
      join.onRef('session.tenant', '=', 'accessGrant.tenant').onRef('session.grant', '=', 'accessGrant.id'),
    )
    .select(['accessGrant.id as grant', ({ fn }) => fn.sum<number>('session.playedMinutes').as('minutes')])
    .where('accessGrant.tenant', '=', tenant)
    .where('accessGrant.batch', 'in', ids)
    .groupBy('accessGrant.id'),
);
const countLive = query((db, tenant: string, people: readonly string[], now: string) =>
  db
    .selectFrom('accessGrant')
    .select(['person', ({ fn }) => fn.countAll<number>().as('grants')])
    .where('tenant', '=', tenant)
    .where('person', 'in', people)
    .where('state', 'in', LIVE)
    .where('batch', 'is not', null)
    .where('expires', '>', now)
    .groupBy('person')
    .orderBy('person'),
);
const usable = query((db, tenant: string, person: string, recordings: readonly string[], now: string) =>
  db
    .selectFrom('accessGrant')
    .select(['tenant', 'id', 'state', 'expires', 'usesLeft', 'revokedBy', 'revokedWords', 'recording', 'purpose'])
    // Not joined: SQLite would read all grants of all batches first.
    .select(({ selectFrom }) =>
      selectFrom('batch')
        .select('batch.maker')
        .whereRef('batch.tenant', '=', 'accessGrant.tenant')
        .whereRef('batch.id', '=', 'accessGrant.batch')
        .$asScalar()
        .$notNull()
        .as('maker'),
    )
    .where('tenant', '=', tenant)
    .where('batch', 'is not', null)
    .where('recording', 'in', recordings)
    // By the recordings: a person may have had thousands of grants.
    .where(withoutIndex('person'), '=', person)
    .where('state', '=', literal('APPROVED'))
    .where('usesLeft', '>', 0)
    .where('expires', '>', now)
    .orderBy('id'),
);
const liveFor = query((db, tenant: string, people: readonly string[], recordings: readonly string[], now: string) =>
  db
    .selectFrom('accessGrant')
    .select(['id', 'person', 'recording', 'purpose'])
    .where('tenant', '=', tenant)
    .where('person', 'in', people)
    .where('state', 'in', LIVE)
    .where('recording', 'in', recordings)
    .where('expires', '>', now)
    .orderBy('id'),
);
const closable = query((db, now: string, limit: number) =>
  db
    .selectFrom('batch')
    .selectAll('batch')
    .where('batch.state', '=', literal('OPEN'))
    .where(({ not, exists }) =>
      not(
        exists(
          db
            .selectFrom('accessGrant')
            .select('accessGrant.id')
            .where('accessGrant.tenant', '=', sql.ref<string>('batch.tenant'))
            .where('accessGrant.batch', '=', sql.ref<string>('batch.id'))
            .where(({ eb, and, or }) =>
              or([
                eb('accessGrant.state', 'in', LIVE),
                and([
                  eb('accessGrant.state', '=', literal('EXPIRED')),
                  eb('accessGrant.started', 'is not', null),
                  eb(sql<string>`${sql.ref('batch.due')}`, '>', now),
                ]),
              ]),
            ),
        ),
      ),
    )
    .orderBy('batch.due')
    .limit(limit),
);

export function batchRows(db: Connection): BatchWrites {
  const place = (cursor: QueueCursor | null): [at: string | null, id: string] => [cursor?.at ?? null, cursor?.id ?? ''];
  return {
    ...table(db),
    findMany: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(findMany(tenant, ids))).map(batches.toNoun),
    page: async (tenant, { state, of }: BatchFilter, before, limit) =>
      (await db.all(page(tenant, state ?? null, of?.maker ?? null, of?.queues ?? [], before, limit))).map(
        batches.toNoun,
      ),
    grantsOf: async (tenant, ids) => (ids.length === 0 ? [] : (await db.all(grantsOf(tenant, ids))).map(grants.toNoun)),
    grantsInQueues: async (tenant, ids, queues) =>
      ids.length === 0 || queues.length === 0
        ? []
        : (await db.all(grantsInQueues(tenant, ids, queues))).map(grants.toNoun),
    queue: async (tenant, person, { now, since }, after, limit) =>
      (await db.all(queue(tenant, person, now, since, ...place(after), limit))).map(grants.toNoun),
    finished: async (tenant, person, before, limit) =>
      (await db.all(finished(tenant, person, ...place(before), limit))).map(grants.toNoun),
    current: (tenant, person, since) => db.all(current(tenant, person, since)),
    minutesOf: async (tenant, ids) =>
      ids.length === 0
        ? []
        : (await db.all(minutesOf(tenant, ids))).map((row) => ({ ...row, minutes: Number(row.minutes) })),
    countLive: async (tenant, people, now) => (people.length === 0 ? [] : db.all(countLive(tenant, people, now))),
    usable: async (tenant, person, recordings, now) =>
      recordings.length === 0 ? [] : db.all<AssignedGrant>(usable(tenant, person, recordings, now)),
    liveFor: async (tenant, people, recordings, now) =>
      people.length === 0 || recordings.length === 0 ? [] : db.all(liveFor(tenant, people, recordings, now)),
    closable: async (now, limit) => (await db.all(closable(now, limit))).map(batches.toNoun),
  };
}
