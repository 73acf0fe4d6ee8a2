// How complete the recordings of a source are, in SQL: counted from an index that has all that is looked at.
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { SHORT_MS, SHORT_PERCENT } from '../../model/listing.ts';
import type {
  CallFilter,
  CallKind,
  CallPosition,
  CallSpan,
  CompletenessWrites,
} from '../../ports/rows/completeness-rows.ts';
import type { Connection } from './connection.ts';
import { literal, literals } from './literals.ts';
import { recordings } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

const IS_LISTED = sql<boolean>`audio_due is not null`;
const IS_STORED = sql<boolean>`state = 'AVAILABLE' and audio_due is not null`;
const IS_AWAITED = sql<boolean>`state = 'EXPECTED' and audio_due is not null`;
const IS_SHORT = sql<boolean>`${IS_STORED} and expected_ms - duration_ms > ${sql.lit(SHORT_MS)}
  and (expected_ms - duration_ms) * 100 > expected_ms * ${sql.lit(SHORT_PERCENT)}`;
const DIFFERS = sql<boolean>`${IS_STORED} and differs <> ''`;
const IS_UNLISTED = sql<boolean>`state = 'AVAILABLE' and audio_due is null`;

/** Whether the audio was sent and rejected, or its upload broke off, and none is under way. */
const HAS_FAILED = sql<boolean>`exists (select 1 from deposit where deposit.tenant = recording.tenant
  and deposit.recording = recording.id and deposit.object = 'audio' and deposit.state in ('ABORTING', 'ABORTED'))
  and not exists (select 1 from deposit where deposit.tenant = recording.tenant and deposit.recording = recording.id
  and deposit.object = 'audio' and deposit.state in ('UPLOADING', 'COMMITTING'))`;

const conditionOf = (kind: CallKind, now: string): RawBuilder<boolean> => {
  switch (kind) {
    case 'pending':
      return sql`${IS_AWAITED} and audio_due > ${now} and not (${HAS_FAILED})`;
    case 'missing':
      return sql`${IS_AWAITED} and audio_due <= ${now} and not (${HAS_FAILED})`;
    case 'failed':
      return sql`${IS_AWAITED} and ${HAS_FAILED}`;
    case 'short':
      return IS_SHORT;
    case 'mismatch':
      return DIFFERS;
    case 'unlisted':
      return IS_UNLISTED;
  }
};

const sumOf = (condition: RawBuilder<boolean>) => sql<number>`sum(case when ${condition} then 1 else 0 end)`;

const inSpan = (
  db: Kysely<Schema>,
  { tenant, source, from, to }: CallSpan,
  queues: readonly Uint8Array[] | null,
  depositors: readonly string[] | null,
) => {
  let found = db
    .selectFrom('recording')
    .where('recording.tenant', '=', tenant)
    .where('source', '=', source)
    .where('startedAt', '>=', from)
    .where('startedAt', '<', to)
    .where('recording.state', 'in', literals('EXPECTED', 'AVAILABLE'));
  if (queues !== null) found = found.where('queue', 'in', queues);
  if (depositors !== null) found = found.where('depositor', 'in', depositors);
  return found;
};

// In the order of the index; which calls they are does not matter.
const startAfter = query((db, span: CallSpan, calls: number) =>
  inSpan(db, span, null, null).select('startedAt').orderBy('startedAt').limit(1).offset(calls),
);
const laterStart = query((db, span: CallSpan) =>
  inSpan(db, span, null, null).select('startedAt').where('startedAt', '>', span.from).orderBy('startedAt').limit(1),
);

const counts = query(
  (
    db,
    span: CallSpan,
    queues: readonly Uint8Array[] | null,
    depositors: readonly string[] | null,
    now: string,
    byQueue: boolean,
  ) => {
    const all = inSpan(db, span, queues, depositors).select([
      sql<string>`min(recording.id)`.as('sample'),
      sumOf(IS_LISTED).as('expected'),
      sumOf(IS_STORED).as('stored'),
      sumOf(conditionOf('pending', now)).as('pending'),
      sumOf(conditionOf('failed', now)).as('failed'),
      sumOf(conditionOf('missing', now)).as('missing'),
      sumOf(IS_SHORT).as('short'),
      sumOf(DIFFERS).as('mismatch'),
      sumOf(IS_UNLISTED).as('unlisted'),
    ]);
    return byQueue ? all.select('queue').groupBy('queue') : all.having(sql<number>`count(*)`, '>', sql.lit(0));
  },
);

const delays = query(
  (
    db,
    span: CallSpan,
    queues: readonly Uint8Array[] | null,
    depositors: readonly string[] | null,
    byQueue: boolean,
  ) => {
    const all = inSpan(db, span, queues, depositors)
      .where(IS_STORED)
      .where('delayS', 'is not', null)
      .select(['delayS as seconds', sql<number>`count(*)`.as('count')])
      .groupBy('delayS');
    return byQueue ? all.select('queue').groupBy('queue') : all;
  },
);

const calls: Readonly<Record<CallKind, ReturnType<typeof callsOf>>> = {
  pending: callsOf('pending'),
  failed: callsOf('failed'),
  missing: callsOf('missing'),
  short: callsOf('short'),
  mismatch: callsOf('mismatch'),
  unlisted: callsOf('unlisted'),
};

function callsOf(kind: CallKind) {
  return query(
    (
      db,
      span: CallSpan,
      queues: readonly Uint8Array[] | null,
      depositors: readonly string[] | null,
      now: string,
      after: CallPosition | null,
      limit: number,
    ) => {
      let found = inSpan(db, span, queues, depositors).where(conditionOf(kind, now));
      if (after !== null)
        found = found
          .where('startedAt', '>=', after.startedAt)
          .where(({ eb, or }) => or([eb('startedAt', '>', after.startedAt), eb('recording.id', '>', after.id)]));
      return found.select(['startedAt', 'recording.id']).orderBy('startedAt').orderBy('recording.id').limit(limit);
    },
  );
}

const listedCall = query(
  (db, span: CallSpan, queues: readonly Uint8Array[] | null, depositors: readonly string[] | null) =>
    inSpan(db, span, queues, depositors).where(IS_LISTED).select('recording.id').limit(1),
);

const nextSource = query((db, tenant: string, after: string) =>
  db
    .selectFrom('recording')
    .select('source')
    .where('tenant', '=', tenant)
    .where('source', '>', after)
    .orderBy('source')
    .limit(1),
);

// The condition of the partial index.
const overdueIn = (db: Kysely<Schema>, now: string) =>
  db
    .selectFrom('recording')
    .where('state', '=', literal('EXPECTED'))
    .where('audioDue', 'is not', null)
    .where('missingAt', 'is', null)
    .where('audioDue', '<=', now)
    // The calls of a suspended tenant wait, and must not come first again and again.
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('tenant')
          .select('tenant.tenant')
          .whereRef('tenant.tenant', '=', 'recording.tenant')
          .where('tenant.state', '=', literal('ACTIVE')),
      ),
    );
const overdue = query((db, now: string, limit: number) =>
  overdueIn(db, now).select(['tenant', 'id']).orderBy('audioDue').orderBy('tenant').orderBy('id').limit(limit),
);
const lockOverdue = query((db, tenant: string, ids: readonly string[], now: string) =>
  overdueIn(db, now).selectAll().where('tenant', '=', tenant).where('id', 'in', ids).orderBy('id').forUpdate(),
);
const setMissing = query((db, tenant: string, ids: readonly string[], now: string) =>
  db.updateTable('recording').set({ missingAt: now }).where('tenant', '=', tenant).where('id', 'in', ids),
);

export function completenessRows(db: Connection): CompletenessWrites {
  const isNothing = ({ queues, depositors }: CallFilter): boolean => queues?.length === 0 || depositors?.length === 0;
  return {
    sources: async (tenant) => {
      const found: string[] = [];
      for (;;) {
        const next = await db.first(nextSource(tenant, found.at(-1) ?? ''));
        if (next?.source == null) return found;
        found.push(next.source);
      }
    },
    boundary: async (span, calls) => {
      const next = await db.first(startAfter(span, calls));
      if (next === undefined || next.startedAt > span.from) return next?.startedAt ?? null;
      return (await db.first(laterStart(span)))?.startedAt ?? null;
    },
    counts: async (span, filter, now, byQueue) => {
      if (isNothing(filter)) return [];
      const rows = await db.all(counts(span, filter.queues, filter.depositors, now, byQueue));
      return rows.map((row) => ({
        queue: 'queue' in row ? (row.queue as Uint8Array | null) : null,
        sample: row.sample,
        expected: Number(row.expected),
        stored: Number(row.stored),
        pending: Number(row.pending),
        failed: Number(row.failed),
        missing: Number(row.missing),
        short: Number(row.short),
        mismatch: Number(row.mismatch),
        unlisted: Number(row.unlisted),
      }));
    },
    delays: async (span, filter, byQueue) => {
      if (isNothing(filter)) return [];
      const rows = await db.all(delays(span, filter.queues, filter.depositors, byQueue));
      return rows.map((row) => ({
        queue: 'queue' in row ? (row.queue as Uint8Array | null) : null,
        seconds: Number(row.seconds),
        count: Number(row.count),
      }));
    },
    hasList: async (span, filter) =>
      !isNothing(filter) && (await db.first(listedCall(span, filter.queues, filter.depositors))) !== undefined,
    calls: async (span, filter, kind, now, after, limit) =>
      isNothing(filter) ? [] : db.all(calls[kind](span, filter.queues, filter.depositors, now, after, limit)),
    overdue: (now, limit) => db.all(overdue(now, limit)),
    lockOverdue: async (tenant, ids, now) =>
      ids.length === 0 ? [] : (await db.all(lockOverdue(tenant, ids, now))).map(recordings.toNoun),
    setMissing: async (tenant, ids, now) => {
      if (ids.length > 0) await db.run(setMissing(tenant, ids, now));
    },
  };
}
