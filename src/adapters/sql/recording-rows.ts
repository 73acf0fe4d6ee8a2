// Recordings and their blind indexes in SQL.
import type { Kysely } from 'kysely';
import type { Recording } from '../../model/recording.ts';
import type { IndexValue, RecordingNotes, RecordingWrites } from '../../ports/rows/recording-rows.ts';
import type { Connection } from './connection.ts';
import { distinctIndexValues } from './indexed-values.ts';
import { literal, literals } from './literals.ts';
import { inPowers, insertRows } from './many-rows.ts';
import { nounOr } from './mapping.ts';
import { recordings } from './mappings.ts';
import { query } from './query.ts';
import { recordingPage } from './recording-page.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('recording', recordings);

const inTenant = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('recording').selectAll().where('tenant', '=', tenant);

const byNatural = query((db, tenant: string, natural: Uint8Array) =>
  inTenant(db, tenant).where('natural', '=', natural),
);
const lockNatural = query((db, tenant: string, natural: Uint8Array) =>
  inTenant(db, tenant).where('natural', '=', natural).forUpdate(),
);
const lockNaturals = query((db, tenant: string, naturals: readonly Uint8Array[]) =>
  inTenant(db, tenant).where('natural', 'in', naturals).orderBy('id').forUpdate(),
);
const findMany = query((db, tenant: string, ids: readonly string[]) => inTenant(db, tenant).where('id', 'in', ids));
const some = query((db, tenant: string) =>
  db.selectFrom('recording').select('id').where('tenant', '=', tenant).limit(1),
);
// In the exact form of the partial index's condition.
const rebuilt = query((db, tenant: string, after: string, limit: number) =>
  inTenant(db, tenant)
    .where('quarantine', 'like', literal('%rebuilt%'))
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit),
);

const clearIndex = query((db, tenant: string, recording: string) =>
  db.deleteFrom('blindIndex').where('tenant', '=', tenant).where('recording', '=', recording),
);
const index = query((db, tenant: string, recording: string, ...values: IndexValue[]) =>
  db
    .insertInto('blindIndex')
    .values(({ selectFrom }) => {
      const one = selectFrom('recording').where('recording.tenant', '=', tenant).where('recording.id', '=', recording);
      const startedAt = one.select('recording.startedAt');
      return values.map(({ label, value }) => ({ tenant, recording, label, value, startedAt }));
    })
    .onConflict((conflict) => conflict.doNothing()),
);
const addedIndexes = query((db, ...rows: Pick<Schema['blindIndex'], keyof Schema['blindIndex']>[]) =>
  db
    .insertInto('blindIndex')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing()),
);

/** What a list changes of a row. */
const LISTING = ['listedAt', 'expectedMs', 'listed', 'differs', 'audioDue', 'missingAt'] as const;

// An insert that finds each row: only so both engines take many rows of typed columns in one statement.
const setListings = query((db, ...rows: Readonly<Record<string, unknown>>[]) =>
  (db as unknown as Kysely<Record<string, Record<string, unknown>>>)
    .insertInto('recording')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'id'])
        .doUpdateSet(({ ref }) => Object.fromEntries(LISTING.map((column) => [column, ref(`excluded.${column}`)]))),
    ),
);

/** Adds indexes to a recording. */
export async function insertIndex(
  db: Connection,
  { tenant, id, startedAt }: Pick<Recording, 'tenant' | 'id' | 'startedAt'>,
  values: readonly IndexValue[],
): Promise<void> {
  if (values.length === 0) return;
  const rows = values.map(({ label, value }) => ({ tenant, recording: id, label, value, startedAt }));
  await db.run(addedIndexes(...rows));
}

export function recordingRows(db: Connection): RecordingWrites {
  return {
    ...table(db),
    byNatural: async (tenant, natural) => nounOr(recordings, await db.first(byNatural(tenant, natural))),
    lockNatural: async (tenant, natural) => nounOr(recordings, await db.first(lockNatural(tenant, natural))),
    hasAny: async (tenant) => (await db.first(some(tenant))) !== undefined,
    findMany: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(findMany(tenant, ids))).map(recordings.toNoun),
    rebuilt: async (tenant, after, limit) => (await db.all(rebuilt(tenant, after, limit))).map(recordings.toNoun),
    page: (tenant, filter, after, limit) => recordingPage(db, tenant, filter, after, limit),
    onePerValue: (tenant, label, limit) => distinctIndexValues(db, tenant, label, limit),
    insertIndex: (recording, values) => insertIndex(db, recording, values),
    lockNaturals: async (tenant, naturals) =>
      naturals.length === 0 ? [] : (await db.all(lockNaturals(tenant, naturals))).map(recordings.toNoun),
    insertMany: async (rows) => {
      const indexes = rows.flatMap(({ recording: { tenant, id, startedAt }, indexes: values }) =>
        values.map(({ label, value }) => ({ tenant, recording: id, label, value, startedAt })),
      );
      await insertRows(
        db,
        'recording',
        rows.map(({ recording }) => recordings.toColumns(recording)),
      );
      await Promise.all(inPowers(indexes).map((part) => db.run(addedIndexes(...part))));
    },
    setListings: async (rows) => {
      const parts = inPowers(rows.map((row) => recordings.toColumns(row) as Readonly<Record<string, unknown>>));
      await Promise.all(parts.map((part) => db.run(setListings(...part))));
    },
    index: async (tenant, recording, values) => {
      await Promise.all([
        db.run(clearIndex(tenant, recording)),
        ...(values.length === 0 ? [] : [db.run(index(tenant, recording, ...values))]),
      ]);
    },
  };
}

// The bookkeeping of recordings: queues of rows that were written before there was a column for them.

const unfilled = query((db, limit: number) =>
  db
    .selectFrom('recording')
    .select(['tenant', 'id'])
    // The condition of the partial index.
    .where('queue', 'is', null)
    .where('state', 'in', literals('EXPECTED', 'AVAILABLE'))
    .orderBy('tenant')
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked(),
);
const fillQueues = query((db, tenant: string, ids: readonly string[], none: Uint8Array) =>
  db
    .updateTable('recording')
    .set((eb) => {
      const indexed = eb
        .selectFrom('blindIndex')
        .select('blindIndex.value')
        .whereRef('blindIndex.tenant', '=', 'recording.tenant')
        .whereRef('blindIndex.recording', '=', 'recording.id')
        .where('blindIndex.label', '=', literal('queue'))
        .limit(1);
      return { queue: eb.fn.coalesce(indexed, eb.val(none)) };
    })
    .where('recording.tenant', '=', tenant)
    .where('recording.id', 'in', ids),
);

export function recordingNotes(db: Connection): RecordingNotes {
  return {
    fillQueues: async (limit) => {
      const found = await db.all(unfilled(limit));
      let filled = 0;
      for (const tenant of new Set(found.map((row) => row.tenant))) {
        const ids = found.filter((row) => row.tenant === tenant).map(({ id }) => id);
        filled += await db.run(fillQueues(tenant, ids, new Uint8Array(0)));
      }
      return filled;
    },
  };
}
