// A page of recordings, newest call first: from the recordings, or from the first blind index of a search.
import { expressionBuilder, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { Recording, RecordingCursor } from '../../model/recording.ts';
import type { IndexValue, RecordingFilter } from '../../ports/rows/recording-rows.ts';
import { filterConditions } from './recording-filter.ts';
import { type RecordingColumns, recordings } from './recording-mapping.ts';
import type { BlindIndexRow, Schema } from './schema.ts';

type Query = SelectQueryBuilder<Schema & { readonly found: BlindIndexRow }, 'recording' | 'found', RecordingColumns>;

/** Columns of the page's order. */
type PageColumns = {
  readonly startedAt: 'recording.startedAt' | 'found.startedAt';
  readonly id: 'recording.id' | 'found.recording';
};

/**
 * At most `limit` rows after the cursor. Both ways read an index in the page's order, so that they stop after its rows,
 * however many a search matches.
 */
export async function recordingPage(
  db: Kysely<Schema>,
  tenant: string,
  filter: RecordingFilter,
  after: RecordingCursor | null,
  limit: number,
): Promise<Recording[]> {
  const [first, ...others] = filter.indexes;
  const query = first === undefined ? fromRecordings(db) : fromIndex(db, tenant, first);
  const at: PageColumns =
    first === undefined
      ? { startedAt: 'recording.startedAt', id: 'recording.id' }
      : { startedAt: 'found.startedAt', id: 'found.recording' };
  let page = query
    .where('recording.tenant', '=', tenant)
    .where(({ eb, or }) => or([eb('recording.state', '!=', 'EXPECTED'), eb('recording.described', '=', 1)]))
    .where(({ and }) => and(filterConditions(expressionBuilder<Schema, 'recording'>(), tenant, filter)));
  if (filter.from !== undefined) page = page.where(at.startedAt, '>=', filter.from);
  if (filter.to !== undefined) page = page.where(at.startedAt, '<', filter.to);
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
  const rows = await page.orderBy(at.startedAt, 'desc').orderBy(at.id, 'desc').limit(limit).execute();
  return rows.map(recordings.toNoun);
}

function fromRecordings(db: Kysely<Schema>): Query {
  // TypeScript cannot type a query with an optional join: only one variant names `found`.
  return db.selectFrom('recording').selectAll('recording') as unknown as Query;
}

function fromIndex(db: Kysely<Schema>, tenant: string, { label, value }: IndexValue): Query {
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
