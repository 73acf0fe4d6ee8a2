// A page of recordings, newest call first: from the recordings, or from the first blind index of a search.
import { expressionBuilder, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { Recording, RecordingCursor } from '../../model/recording.ts';
import type { RecordingFilter } from '../../ports/rows/recording-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';
import { filterConditions, type NamedConditions } from './recording-filter.ts';
import { type RecordingColumns, recordings } from './recording-mapping.ts';
import type { BlindIndexRow, Schema } from './schema.ts';

type Page = SelectQueryBuilder<Schema & { readonly found: BlindIndexRow }, 'recording' | 'found', RecordingColumns>;

/** Columns of the page's order. */
type PageColumns = {
  readonly startedAt: 'recording.startedAt' | 'found.startedAt';
  readonly id: 'recording.id' | 'found.recording';
};

/** The values of a filter; `NamedConditions` names its conditions that have none. */
type FilterValues = Omit<RecordingFilter, 'indexes' | 'state' | 'mine'>;
/** The person of a filter by access; empty in a filter without one. */
type Owner = { readonly person?: string; readonly now?: string };

type PageQuery = ReturnType<typeof pageQuery>;

const pageQueries = new Map<string, PageQuery>();

/**
 * At most `limit` rows after the cursor. Both ways read an index in the page's order, so that they stop after its rows,
 * however many a search matches.
 */
export async function recordingPage(
  db: Connection,
  tenant: string,
  { indexes, state, mine, ...values }: RecordingFilter,
  after: RecordingCursor | null,
  limit: number,
): Promise<Recording[]> {
  const { access, ...owner } = mine ?? {};
  const named = `${state} ${access}`;
  const page = pageQueries.get(named) ?? pageQuery({ state, access });
  pageQueries.set(named, page);
  const labels = indexes.map(({ label }) => label);
  const blind = indexes.map(({ value }) => value);
  return (await db.all(page(tenant, values, owner, labels, blind, after, limit))).map(recordings.toNoun);
}

function pageQuery(named: NamedConditions) {
  return query(
    (
      db,
      tenant: string,
      values: FilterValues,
      owner: Owner,
      labels: readonly string[],
      blind: readonly Uint8Array[],
      after: RecordingCursor | null,
      limit: number,
    ) => {
      const [first, ...others] = labels.map((label, at) => ({ label, value: blind[at] as Uint8Array }));
      const from = first === undefined ? fromRecordings(db) : fromIndex(db, tenant, first);
      const at: PageColumns =
        first === undefined
          ? { startedAt: 'recording.startedAt', id: 'recording.id' }
          : { startedAt: 'found.startedAt', id: 'found.recording' };
      const conditions = filterConditions(expressionBuilder<Schema, 'recording'>(), tenant, values, owner, named);
      let page = from
        .where('recording.tenant', '=', tenant)
        .where(({ eb, or }) => or([eb('recording.state', '!=', 'EXPECTED'), eb('recording.described', '=', 1)]))
        .where(({ and }) => and(conditions));
      if (values.from !== undefined) page = page.where(at.startedAt, '>=', values.from);
      if (values.to !== undefined) page = page.where(at.startedAt, '<', values.to);
      for (const { label, value } of others)
        page = page.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('blindIndex')
              .select('blindIndex.label')
              .where('blindIndex.tenant', '=', tenant)
              .where('blindIndex.label', '=', label)
              .where('blindIndex.value', '=', value)
              .whereRef('blindIndex.recording', '=', 'recording.id'),
          ),
        );
      if (after !== null) {
        // The planner enters the index of the first condition.
        page = page
          .where(at.startedAt, '<=', after.startedAt)
          .where(({ eb, or }) => or([eb(at.startedAt, '<', after.startedAt), eb(at.id, '<', after.id)]));
      }
      return page.orderBy(at.startedAt, 'desc').orderBy(at.id, 'desc').limit(limit);
    },
  );
}

function fromRecordings(db: Kysely<Schema>): Page {
  // TypeScript cannot type a query with an optional join: only one variant names `found`.
  return db.selectFrom('recording').selectAll('recording') as unknown as Page;
}

type BlindValue = { readonly label: string; readonly value: Uint8Array };

function fromIndex(db: Kysely<Schema>, tenant: string, { label, value }: BlindValue): Page {
  return db
    .selectFrom('recording')
    .innerJoin('blindIndex as found', (join) =>
      join.onRef('found.tenant', '=', 'recording.tenant').onRef('found.recording', '=', 'recording.id'),
    )
    .selectAll('recording')
    .where('found.tenant', '=', tenant)
    .where('found.label', '=', label)
    .where('found.value', '=', value);
}
