// Where a page of recordings begins to read: the condition of its filter that fewest recordings meet.
import type { Kysely } from 'kysely';
import type { RecordingFilter } from '../../ports/rows/recording-rows.ts';
import type { Connection } from './connection.ts';
import { type Query, query } from './query.ts';
import {
  hasState,
  MOST_LOOKED_UP,
  MOST_SORTED,
  type OwnRequests,
  type PageEntry,
  type RareState,
} from './recording-filter.ts';
import type { Schema } from './schema.ts';

/** How far recordings are counted to compare conditions: this takes half a millisecond. */
const MOST_COUNTED = 4_000;
/** How many requests a person may have for their recordings to be kept in memory while a page reads on. */
const MOST_REQUESTS = 10_000;
type Span = { readonly from?: string; readonly to?: string };
type Counted = { readonly count: number };
/** `most`: the number up to which the page may enter here. */
type Candidate = { readonly entry: PageEntry; readonly count: Query<Counted>; readonly most: number };

/** Where a page begins, and how it looks for a person's own requests. */
export type PageStart = { readonly entry: PageEntry; readonly own: OwnRequests };

/**
 * The start of a page with this filter, within this span of time. Counts only where there is a choice: one query for
 * each condition, all at once.
 */
export async function pageStart(
  db: Connection,
  tenant: string,
  filter: RecordingFilter,
  span: Span,
): Promise<PageStart> {
  // A person has few live grants and open requests.
  if (filter.mine !== undefined && filter.mine.access !== 'over') return { entry: 'access', own: 'looked up' };
  const candidates = candidatesOf(tenant, filter, span);
  const [first] = candidates;
  if (first === undefined) return { entry: 'start', own: 'looked up' };
  if (candidates.length === 1 && !isSorted(first.entry)) return { entry: first.entry, own: 'looked up' };
  const counts = await Promise.all(candidates.map(async ({ count }) => (await db.one(count)).count));
  let [best, least] = [candidates.find(({ entry }) => !isSorted(entry))?.entry ?? 'start', MOST_COUNTED + 1];
  let own: OwnRequests = 'looked up';
  for (const [at, { entry, most }] of candidates.entries()) {
    const count = counts[at] ?? 0;
    if (entry === 'access' && count <= MOST_REQUESTS) own = 'in memory';
    if (count < least && count <= most) [best, least] = [entry, count];
  }
  return { entry: best, own };
}

/** Whether a page with this entry sorts. */
export function isSorted(entry: PageEntry): boolean {
  return entry === 'length' || entry === 'access';
}

/** In order of preference where many recordings meet each. */
function candidatesOf(tenant: string, filter: RecordingFilter, span: Span): Candidate[] {
  const { indexes, state, language, direction, minMs, maxMs, mine } = filter;
  const length = { ...(minMs === undefined ? {} : { minMs }), ...(maxMs === undefined ? {} : { maxMs }) };
  const most = MOST_COUNTED;
  return [
    ...(state === undefined || state === 'available'
      ? []
      : [{ entry: 'state', count: withState[state](tenant, span), most } as const]),
    ...indexes.map(({ label, value }, entry) => ({ entry, count: withIndex(tenant, label, value, span), most })),
    ...(language === undefined
      ? []
      : [{ entry: 'language', count: withLanguage(tenant, language, span), most } as const]),
    ...(direction === undefined
      ? []
      : [{ entry: 'direction', count: withDirection(tenant, direction, span), most } as const]),
    ...(Object.keys(length).length === 0
      ? []
      : [{ entry: 'length', count: withLength(tenant, length), most: MOST_SORTED } as const]),
    ...(mine === undefined
      ? []
      : [{ entry: 'access', count: withRequest(tenant, mine.person), most: MOST_LOOKED_UP } as const]),
  ];
}

function recordingsIn(db: Kysely<Schema>, tenant: string, { from, to }: Span) {
  let some = db.selectFrom('recording').select('recording.id').where('recording.tenant', '=', tenant);
  if (from !== undefined) some = some.where('recording.startedAt', '>=', from);
  if (to !== undefined) some = some.where('recording.startedAt', '<=', to);
  return some.limit(MOST_COUNTED + 1);
}

type Some = ReturnType<typeof recordingsIn>;

function counted(db: Kysely<Schema>, some: Some) {
  return db.selectFrom(some.as('some')).select(({ fn }) => fn.countAll<number>().as('count'));
}

function countState(state: RareState) {
  return query((db, tenant: string, span: Span) =>
    counted(
      db,
      recordingsIn(db, tenant, span).where((eb) => hasState(eb, state)),
    ),
  );
}

const withState = {
  quarantined: countState('quarantined'),
  erased: countState('erased'),
  expected: countState('expected'),
};
const withLanguage = query((db, tenant: string, language: string, span: Span) =>
  counted(db, recordingsIn(db, tenant, span).where('recording.language', '=', language)),
);
const withDirection = query((db, tenant: string, direction: string, span: Span) =>
  counted(db, recordingsIn(db, tenant, span).where('recording.direction', '=', direction)),
);
const withLength = query(
  (db, tenant: string, { minMs, maxMs }: { readonly minMs?: number; readonly maxMs?: number }) => {
    let some = recordingsIn(db, tenant, {});
    if (minMs !== undefined) some = some.where('recording.durationMs', '>=', minMs);
    if (maxMs !== undefined) some = some.where('recording.durationMs', '<=', maxMs);
    return counted(db, some);
  },
);
const withIndex = query((db, tenant: string, label: string, value: Uint8Array, { from, to }: Span) => {
  let some = db
    .selectFrom('blindIndex')
    .select('recording')
    .where('tenant', '=', tenant)
    .where('label', '=', label)
    .where('value', '=', value);
  if (from !== undefined) some = some.where('startedAt', '>=', from);
  if (to !== undefined) some = some.where('startedAt', '<=', to);
  return db.selectFrom(some.limit(MOST_COUNTED + 1).as('some')).select(({ fn }) => fn.countAll<number>().as('count'));
});
const withRequest = query((db, tenant: string, person: string) => {
  const some = db.selectFrom('accessRequest').select('id').where('tenant', '=', tenant).where('requester', '=', person);
  return db.selectFrom(some.limit(MOST_REQUESTS + 1).as('some')).select(({ fn }) => fn.countAll<number>().as('count'));
});
