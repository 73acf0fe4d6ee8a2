// Subject requests in SQL.
import type { Kysely } from 'kysely';
import type { SubjectMatch, SubjectState } from '../../model/subject/request.ts';
import type { SubjectWrites } from '../../ports/rows/subject-rows.ts';
import type { Connection } from './connection.ts';
import { literal, number } from './literals.ts';
import type { ColumnsOf } from './mapping.ts';
import { subjectMatches, subjectRequests } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('subjectRequest', subjectRequests);

const matchesIn = (db: Kysely<Schema>, tenant: string, request: string) =>
  db.selectFrom('subjectMatch').where('tenant', '=', tenant).where('request', '=', request);

const page = query((db, tenant: string, state: SubjectState | null, before: string | null, limit: number) => {
  let found = db.selectFrom('subjectRequest').selectAll().where('tenant', '=', tenant);
  if (state !== null) found = found.where('state', '=', state);
  if (before !== null) found = found.where('id', '<', before);
  return found.orderBy('id', 'desc').limit(limit);
});
// These conditions are in the exact form of their partial indexes' conditions.
const countOpen = query((db, tenant: string) =>
  db
    .selectFrom('subjectRequest')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('tenant', '=', tenant)
    .where('ended', 'is', null),
);
const kept = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('subjectMatch').where('tenant', '=', tenant).where('holds', '=', number(1));
const holding = query((db, tenant: string, recording: string, limit: number) =>
  kept(db, tenant).select('request').where('recording', '=', recording).orderBy('request').limit(limit),
);
const heldAmong = query((db, tenant: string, ids: readonly string[]) =>
  kept(db, tenant).select('recording').where('recording', 'in', ids).groupBy('recording').orderBy('recording'),
);
const matches = query((db, tenant: string, request: string, after: string, limit: number) =>
  matchesIn(db, tenant, request).selectAll().where('recording', '>', after).orderBy('recording').limit(limit),
);
const match = query((db, tenant: string, request: string, recording: string) =>
  matchesIn(db, tenant, request).selectAll().where('recording', '=', recording),
);
const countMatches = query((db, tenant: string, request: string) =>
  matchesIn(db, tenant, request)
    .select(['outcome', ({ eb }) => eb('done', 'is not', null).as('isDone'), ({ fn }) => fn.countAll<number>().as('n')])
    .groupBy(['outcome', 'isDone']),
);
const copiesIn = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('subjectRequest').select('id').where('tenant', '=', tenant).where('copiesBy', 'is not', null);
const withCopies = query((db, tenant: string) => copiesIn(db, tenant).orderBy('id'));
const withCopiesBy = query((db, tenant: string, person: string) =>
  copiesIn(db, tenant).where('copiesBy', '=', person).orderBy('id'),
);
const withCopiesOf = query((db, tenant: string, recording: string) =>
  copiesIn(db, tenant)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('subjectMatch')
          .select('subjectMatch.recording')
          .whereRef('subjectMatch.tenant', '=', 'subjectRequest.tenant')
          .whereRef('subjectMatch.request', '=', 'subjectRequest.id')
          .where('subjectMatch.recording', '=', recording)
          .where('subjectMatch.outcome', '=', literal('copy')),
      ),
    )
    .orderBy('id'),
);
const addMatch = query((db, row: ColumnsOf<SubjectMatch>) =>
  db
    .insertInto('subjectMatch')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);
const changeMatch = query(
  (db, tenant: string, request: string, recording: string, to: Partial<ColumnsOf<SubjectMatch>>) =>
    db
      .updateTable('subjectMatch')
      .set(to)
      .where('tenant', '=', tenant)
      .where('request', '=', request)
      .where('recording', '=', recording),
);
const release = query((db, tenant: string, request: string) =>
  db
    .updateTable('subjectMatch')
    .set({ holds: 0 })
    .where('tenant', '=', tenant)
    .where('request', '=', request)
    .where('holds', '=', number(1)),
);

/** Requests that an error names. */
const MOST_NAMED = 6;

export function subjectRows(db: Connection): SubjectWrites {
  return {
    ...table(db),
    page: async (tenant, state, before, limit) =>
      (await db.all(page(tenant, state, before, limit))).map(subjectRequests.toNoun),
    countOpen: async (tenant) => Number((await db.first(countOpen(tenant)))?.n ?? 0),
    matches: async (tenant, request, after, limit) =>
      (await db.all(matches(tenant, request, after, limit))).map(subjectMatches.toNoun),
    match: async (tenant, request, recording) => {
      const row = await db.first(match(tenant, request, recording));
      return row === undefined ? null : subjectMatches.toNoun(row);
    },
    countMatches: async (tenant, request) =>
      (await db.all(countMatches(tenant, request))).map(({ outcome, isDone, n }) => ({
        outcome,
        done: Boolean(isDone),
        n: Number(n),
      })),
    holding: async (tenant, recording) =>
      (await db.all(holding(tenant, recording, MOST_NAMED))).map(({ request }) => request),
    withCopies: async (tenant, of) => {
      if (of === 'all') return (await db.all(withCopies(tenant))).map(({ id }) => id);
      const found = 'person' in of ? withCopiesBy(tenant, of.person) : withCopiesOf(tenant, of.recording);
      return (await db.all(found)).map(({ id }) => id);
    },
    heldAmong: async (tenant, recordings) =>
      recordings.length === 0 ? [] : (await db.all(heldAmong(tenant, recordings))).map(({ recording }) => recording),
    addMatches: async (rows) => {
      let added = 0;
      for (const row of rows) added += await db.run(addMatch(columnsOf(row)));
      return added;
    },
    changeMatch: async ({ tenant, request, recording }, to) => {
      await db.run(changeMatch(tenant, request, recording, to));
    },
    release: async (tenant, request) => {
      await db.run(release(tenant, request));
    },
  };
}

function columnsOf(row: SubjectMatch): ColumnsOf<SubjectMatch> {
  return { ...row, holds: row.holds ? 1 : 0 };
}
