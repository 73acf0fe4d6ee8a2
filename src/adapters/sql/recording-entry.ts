// Where a page of recordings begins to read: the condition of its filter that fewest recordings meet.
import type { Kysely } from 'kysely';
import type { RecordingFilter, ScopeFilter } from '../../ports/rows/recording-rows.ts';
import type { Connection } from './connection.ts';
import { type Query, query } from './query.ts';
import {
  type Found,
  hasState,
  MOST_LOOKED_UP,
  MOST_SORTED,
  type PageEntry,
  type RareState,
} from './recording-filter.ts';
import { MOST_MERGED } from './recording-scope.ts';
import type { Schema } from './schema.ts';

/** How far recordings are counted first; and how far where each condition has more, which takes a millisecond. */
const FEW_COUNTED = 2_000;
const MOST_COUNTED = 10_000;
/** How many requests a person may have for their recordings to be kept in memory while a page reads on. */
const MOST_REQUESTS = 10_000;
type Span = { readonly from?: string; readonly to?: string };
type Counted = { readonly count: number };
/** `count`: counts up to a limit, unless it is known. `most`: the number up to which the page may enter here. */
type Candidate = {
  readonly entry: PageEntry;
  readonly count: number | ((limit: number) => Query<Counted>);
  readonly most: number;
};

/** How many recordings of a scope a search keeps in memory: that takes as long as to look up 8,000 calls. */
const MOST_SCOPED = 25_000;

/** Where a page begins, and how it finds a person's own requests, the recordings of a rare state and those of the scope. */
export type PageStart = {
  readonly entry: PageEntry;
  readonly own: Found;
  readonly rare: Found;
  readonly scoped: Found;
};

/**
 * The start of a page with this filter, within this scope and span of time. Counts only where there is a choice: one query for
 * each condition, all at once.
 */
export async function pageStart(
  db: Connection,
  tenant: string,
  filter: RecordingFilter,
  scope: ScopeFilter | undefined,
  span: Span,
): Promise<PageStart> {
  const looked = { own: 'looked up', rare: 'looked up', scoped: 'looked up' } as const;
  // A person has few live grants and open requests.
  if (filter.mine !== undefined && filter.mine.access !== 'over') return { entry: 'access', ...looked };
  const requests = filter.mine === undefined ? null : await countRequests(db, tenant, filter.mine.person);
  const own: Found = requests !== null && requests <= MOST_REQUESTS ? 'in memory' : 'looked up';
  const { ordered, sorted } = candidatesOf(tenant, { ...filter, scope }, span, requests);
  const [first] = ordered;
  if (sorted.length === 0 && ordered.length < 2) return { ...looked, entry: first?.entry ?? 'start', own };
  const few = await leastOf(db, [...ordered, ...sorted], FEW_COUNTED);
  if (few !== null) return { ...looked, ...few, own };
  // Few recordings have such a state, and its index has all that the other conditions look at.
  const isEnough = first?.entry === 'state' && filter.indexes.length === 0;
  const more = ordered.length < 2 || isEnough ? null : await leastOf(db, ordered, MOST_COUNTED);
  const start = { ...looked, entry: first?.entry ?? 'start', own, ...more };
  const isByQueue = filter.indexes.some(({ label }) => label === 'queue');
  if (typeof start.entry !== 'number' || isByQueue || scope === undefined) return start;
  return { ...start, scoped: await scopedFor(db, tenant, scope, span) };
}

/** A search reads many calls of a value: where the scope has few, it reads those beforehand. */
async function scopedFor(db: Connection, tenant: string, scope: ScopeFilter, span: Span): Promise<Found> {
  if (scope.queues.length === 0) return 'looked up';
  const { count } = await db.one(withQueues(tenant, scope.queues, span, MOST_SCOPED + 1));
  return count <= MOST_SCOPED ? 'in memory' : 'looked up';
}

async function countRequests(db: Connection, tenant: string, person: string): Promise<number> {
  return (await db.one(withRequest(tenant, person, MOST_REQUESTS + 1))).count;
}

/** The candidate that fewest recordings meet, the first of several; null where all have more than the limit. */
async function leastOf(
  db: Connection,
  candidates: readonly Candidate[],
  limit: number,
): Promise<Pick<PageStart, 'entry' | 'rare'> | null> {
  const counts = await Promise.all(
    candidates.map(async ({ entry, most, count }) => {
      const counted = typeof count === 'number' ? count : (await db.one(count(limit + 1))).count;
      return { entry, most, count: counted };
    }),
  );
  const few = counts.filter(({ most, count }) => count <= Math.min(limit, most));
  const [least] = few.toSorted((one, other) => one.count - other.count);
  if (least === undefined) return null;
  const isRare = typeof least.entry === 'number' && few.some(({ entry }) => entry === 'state');
  return { entry: least.entry, rare: isRare ? 'in memory' : 'looked up' };
}

/** Those whose index is in the page's order, in order of preference where many recordings meet each; and the others. */
function candidatesOf(
  tenant: string,
  filter: Omit<RecordingFilter, 'scope'> & { readonly scope: ScopeFilter | undefined },
  span: Span,
  requests: number | null,
): { readonly ordered: Candidate[]; readonly sorted: Candidate[] } {
  const { indexes, state, language, direction, minMs, maxMs, scope } = filter;
  const length = { ...(minMs === undefined ? {} : { minMs }), ...(maxMs === undefined ? {} : { maxMs }) };
  const [ordered, sorted]: [Candidate[], Candidate[]] = [[], []];
  const isMerged = scope !== undefined && scope.queues.length <= MOST_MERGED;
  const add = (entry: PageEntry, count: Candidate['count']) => ordered.push({ entry, count, most: MOST_COUNTED });
  const addQueues = (): void => {
    if (!isMerged) return;
    const { queues } = scope;
    add('queue', queues.length === 0 ? 0 : (limit) => withQueues(tenant, queues, span, limit));
  };
  if (indexes.length === 0) addQueues();
  if (state !== undefined && state !== 'available') add('state', (limit) => withState[state](tenant, span, limit));
  for (const [at, { label, value }] of indexes.entries())
    add(at, (limit) => withIndex(tenant, label, value, span, limit));
  // A team has more calls than a value that people search by has.
  if (indexes.length > 0) addQueues();
  if (language !== undefined) add('language', (limit) => withLanguage(tenant, language, span, limit));
  if (direction !== undefined) add('direction', (limit) => withDirection(tenant, direction, span, limit));
  if (Object.keys(length).length > 0)
    sorted.push({ entry: 'length', count: (limit) => withLength(tenant, length, limit), most: MOST_SORTED });
  if (requests !== null && requests <= MOST_LOOKED_UP)
    sorted.push({ entry: 'access', count: requests, most: MOST_LOOKED_UP });
  return { ordered, sorted };
}

function recordingsIn(db: Kysely<Schema>, tenant: string, { from, to }: Span, limit: number) {
  let some = db.selectFrom('recording').select('recording.id').where('recording.tenant', '=', tenant);
  if (from !== undefined) some = some.where('recording.startedAt', '>=', from);
  if (to !== undefined) some = some.where('recording.startedAt', '<=', to);
  return some.limit(limit);
}

type Some = ReturnType<typeof recordingsIn>;

function counted(db: Kysely<Schema>, some: Some) {
  return db.selectFrom(some.as('some')).select(({ fn }) => fn.countAll<number>().as('count'));
}

const withQueues = query((db, tenant: string, queues: readonly Uint8Array[], span: Span, limit: number) =>
  counted(db, recordingsIn(db, tenant, span, limit).where('recording.queue', 'in', queues)),
);

function countState(state: RareState) {
  return query((db, tenant: string, span: Span, limit: number) =>
    counted(
      db,
      recordingsIn(db, tenant, span, limit).where((eb) => hasState(eb, state)),
    ),
  );
}

const withState = {
  quarantined: countState('quarantined'),
  erased: countState('erased'),
  expected: countState('expected'),
};
const withLanguage = query((db, tenant: string, language: string, span: Span, limit: number) =>
  counted(db, recordingsIn(db, tenant, span, limit).where('recording.language', '=', language)),
);
const withDirection = query((db, tenant: string, direction: string, span: Span, limit: number) =>
  counted(db, recordingsIn(db, tenant, span, limit).where('recording.direction', '=', direction)),
);
const withLength = query(
  (db, tenant: string, { minMs, maxMs }: { readonly minMs?: number; readonly maxMs?: number }, limit: number) => {
    let some = recordingsIn(db, tenant, {}, limit);
    if (minMs !== undefined) some = some.where('recording.durationMs', '>=', minMs);
    if (maxMs !== undefined) some = some.where('recording.durationMs', '<=', maxMs);
    return counted(db, some);
  },
);
const withIndex = query((db, tenant: string, label: string, value: Uint8Array, { from, to }: Span, limit: number) => {
  let some = db
    .selectFrom('blindIndex')
    .select('recording')
    .where('tenant', '=', tenant)
    .where('label', '=', label)
    .where('value', '=', value);
  if (from !== undefined) some = some.where('startedAt', '>=', from);
  if (to !== undefined) some = some.where('startedAt', '<=', to);
  return db.selectFrom(some.limit(limit).as('some')).select(({ fn }) => fn.countAll<number>().as('count'));
});
const withRequest = query((db, tenant: string, person: string, limit: number) => {
  const some = db.selectFrom('accessRequest').select('id').where('tenant', '=', tenant).where('requester', '=', person);
  return db.selectFrom(some.limit(limit).as('some')).select(({ fn }) => fn.countAll<number>().as('count'));
});
