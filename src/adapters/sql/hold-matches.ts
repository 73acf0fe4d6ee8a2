// The recordings that a hold's rule matches, in SQL: oldest call first, from the recordings or from a blind index.
import { type Kysely, sql } from 'kysely';
import type { HoldFilter, MatchedRecording, StoredBefore } from '../../ports/rows/hold-rows.ts';
import type { Connection } from './connection.ts';
import { literals } from './literals.ts';
import { query } from './query.ts';
import type { BlindIndexRow, Schema } from './schema.ts';

type Values = Omit<HoldFilter, 'indexes'>;

const LIVING = ['EXPECTED', 'AVAILABLE'] as const;

/** The recording that the outer query looks at. */
const OUTER = sql.ref<string>('recording.id');

/** All must hold. The page reads an index in its own order: the first blind index of the filter, or the starts. */
const matches = query(
  (
    db,
    tenant: string,
    values: Values,
    labels: readonly string[],
    blind: readonly Uint8Array[],
    after: MatchedRecording | null,
    before: string | null,
    now: string | null,
    limit: number,
  ) => {
    // A list is padded to a power of two with its last member: the same condition again.
    const all = labels.map((label, at) => ({ label, value: blind[at] as Uint8Array }));
    const [first, ...others] = all;
    const start = first === undefined ? 'recording.startedAt' : 'found.startedAt';
    const id = first === undefined ? 'recording.id' : 'found.recording';
    let found = first === undefined ? fromRecordings(db) : fromIndex(db, tenant, first);
    found = found.where('recording.tenant', '=', tenant).where('recording.state', 'in', literals(...LIVING));
    const { from, to, direction, language } = values;
    if (from !== undefined) found = found.where(start, '>=', from);
    if (to !== undefined) found = found.where(start, '<', to);
    if (direction !== undefined) found = found.where('recording.direction', '=', direction);
    if (language !== undefined) found = found.where('recording.language', '=', language);
    if (before !== null && now !== null)
      found = found.where(({ eb, or }) =>
        or([eb(start, '<', before), eb('recording.created', '<', before), eb('recording.created', '>', now)]),
      );
    for (const { label, value } of others)
      found = found.where(({ exists, selectFrom }) =>
        exists(
          selectFrom('blindIndex')
            .select('blindIndex.recording')
            .where('blindIndex.tenant', '=', tenant)
            .where('blindIndex.label', '=', label)
            .where('blindIndex.value', '=', value)
            .where('blindIndex.recording', '=', OUTER),
        ),
      );
    if (after !== null)
      found = found
        .where(start, '>=', after.startedAt)
        .where(({ eb, or }) => or([eb(start, '>', after.startedAt), eb(id, '>', after.id)]));
    return found.orderBy(start).orderBy(id).limit(limit);
  },
);

function fromRecordings(db: Kysely<Schema>) {
  // TypeScript cannot type a query with an optional table: only one variant names `found`.
  return db.selectFrom('recording').select(['recording.id', 'recording.startedAt']) as unknown as ReturnType<
    typeof fromIndex
  >;
}

function fromIndex(
  db: Kysely<Schema>,
  tenant: string,
  { label, value }: { readonly label: string; readonly value: Uint8Array },
) {
  return (db as unknown as Kysely<Schema & { readonly found: BlindIndexRow }>)
    .selectFrom('blindIndex as found')
    .innerJoin('recording', (join) =>
      join.onRef('recording.tenant', '=', 'found.tenant').onRef('recording.id', '=', 'found.recording'),
    )
    .select(['found.recording as id', 'found.startedAt'])
    .where('found.tenant', '=', tenant)
    .where('found.label', '=', label)
    .where('found.value', '=', value);
}

/** A page of matches. */
export async function holdMatches(
  db: Connection,
  tenant: string,
  { indexes, ...values }: HoldFilter,
  after: MatchedRecording | null,
  before: StoredBefore | null,
  limit: number,
): Promise<MatchedRecording[]> {
  const labels = indexes.map(({ label }) => label);
  const blind = indexes.map(({ value }) => value);
  return db.all(matches(tenant, values, labels, blind, after, before?.time ?? null, before?.now ?? null, limit));
}
