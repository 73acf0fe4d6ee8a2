// The scope of a person of teams in a page of recordings: one scan a queue, merged, and the person's own.
import {
  type Expression,
  type ExpressionBuilder,
  expressionBuilder,
  type Kysely,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely';
import type { Recording } from '../../model/recording.ts';
import type { RecordingFilter, ScopeFilter } from '../../ports/rows/recording-rows.ts';
import { withoutIndex } from './literals.ts';
import type { ColumnsOf } from './mapping.ts';
import { isAmong, liveGrants, openRequests } from './recording-filter.ts';
import type { BlindIndexRow, Schema } from './schema.ts';

/** Ids and starts of recordings, of the table or of a blind index. */
export type Page = SelectQueryBuilder<
  Schema & { readonly found: BlindIndexRow },
  'recording' | 'found',
  Pick<ColumnsOf<Recording>, 'id' | 'startedAt'>
>;

/** The person of a filter, and the time; empty in a filter without one. */
export type Owner = { readonly person?: string; readonly now?: string };

type Builder = ExpressionBuilder<Schema, 'recording'>;

/** A value that no recording has: a blind index has 16 bytes, no queue none. */
const NOTHING = Uint8Array.of(0);

/** How many queues a page merges at most; with more it reads the list of all recordings. */
export const MOST_MERGED = 128;

/**
 * The scope of a page. A filter by the person's own access needs none; one by a queue leaves that queue of the scope, so
 * that a page without it ends at once.
 */
export function scopeOfPage(scope: ScopeFilter, { mine, state, indexes }: RecordingFilter): ScopeFilter | undefined {
  if (mine !== undefined) return undefined;
  // An erasure empties the queue.
  if (state === 'erased') return { ...scope, queues: [] };
  const named = indexes.filter(({ label }) => label === 'queue');
  const isNamed = (queue: Uint8Array) => named.every(({ value }) => Buffer.compare(value, queue) === 0);
  return { ...scope, queues: scope.queues.filter(isNamed) };
}

/** Queues for as many scans as a power of two: a text for each number of queues would fill the statements kept. */
export function paddedQueues(queues: readonly Uint8Array[]): Uint8Array[] {
  if (queues.length === 0) return [];
  const length = 2 ** Math.ceil(Math.log2(queues.length));
  return Array.from({ length }, (_, at) => queues[at] ?? NOTHING);
}

/** All recordings. */
export function fromRecordings(db: Kysely<Schema>): Page {
  // TypeScript cannot type a query with an optional table: only one variant names `found`.
  return db.selectFrom('recording').select(['recording.id', 'recording.startedAt']) as unknown as Page;
}

/**
 * The recordings of these queues and the person's own, newest first. Each branch reads an index in this order and ends
 * after a page: PostgreSQL then merges them, and SQLite sorts a page a queue. Both would sort all that an IN list finds.
 */
export function ofQueues(
  db: Kysely<Schema>,
  tenant: string,
  queues: readonly Uint8Array[],
  owner: Owner,
  limit: number,
  narrow: (page: Page, startedAt: Expression<string>) => Page,
): Page {
  const limited = (page: Page, startedAt: Expression<string>) =>
    narrow(page, startedAt).orderBy(startedAt, 'desc').orderBy('recording.id', 'desc').limit(limit);
  const start = sql.ref<string>('recording.startedAt');
  const scans = queues.map((queue) => limited(fromRecordings(db).where('recording.queue', '=', queue), start));
  // Sorted, because a person has few: no index may answer its order.
  const sorted = withoutIndex('recording.startedAt');
  const own = db.selectFrom('recording').select(['recording.id', sorted.as('startedAt')]) as unknown as Page;
  const isOwn = isOwnAlone(expressionBuilder<Schema, 'recording'>(), tenant, queues, owner);
  const branches = [...scans, limited(own.where(isOwn), sorted)].map((branch) =>
    db.selectFrom(branch.as('branch')).select(['branch.id', 'branch.startedAt']),
  );
  const merged = branches.reduce((all, one) => all.unionAll(one));
  return db
    .selectFrom(merged.as('merged'))
    .select(['merged.id', 'merged.startedAt'])
    .orderBy('merged.startedAt', 'desc')
    .orderBy('merged.id', 'desc')
    .limit(limit) as unknown as Page;
}

/** Whether a recording is in the scope of a person of teams, in a form that no index answers. */
export function isInScope(
  eb: Builder,
  tenant: string,
  queues: readonly Uint8Array[],
  owner: Owner,
): Expression<SqlBool> {
  const own = eb('recording.id', 'in', ownRecordings(tenant, owner));
  if (queues.length === 0) return own;
  const queue = sql<Uint8Array>`coalesce(${sql.ref('recording.queue')}, ${sql.ref('recording.queue')})`;
  return eb.or([eb(queue, 'in', queues), own]);
}

/** Whether the recording of a search's entry is in the scope: all that are, of this span of time, are read beforehand. */
export function isScopedBeforehand(
  tenant: string,
  queues: readonly Uint8Array[],
  owner: Owner,
  { from, to }: { readonly from?: string; readonly to?: string },
): Expression<SqlBool> {
  let all = expressionBuilder<Schema, never>()
    .selectFrom('recording')
    .select('recording.id')
    .where('recording.tenant', '=', tenant)
    .where('recording.queue', 'in', queues);
  if (from !== undefined) all = all.where('recording.startedAt', '>=', from);
  if (to !== undefined) all = all.where('recording.startedAt', '<=', to);
  return isAmong('found.recording', all.unionAll(ownRecordings(tenant, owner) as unknown as typeof all));
}

/** The recordings that a person has a live grant or an open request for, whose queue is none of these. */
function isOwnAlone(eb: Builder, tenant: string, queues: readonly Uint8Array[], owner: Owner): Expression<SqlBool> {
  const own = eb('recording.id', 'in', ownRecordings(tenant, owner));
  if (queues.length === 0) return own;
  return eb.and([own, eb.or([eb('recording.queue', 'is', null), eb('recording.queue', 'not in', queues)])]);
}

/** The ids of the recordings that a person has a live grant or an open request for. */
function ownRecordings(tenant: string, { person = '', now = '' }: Owner) {
  const listen = liveGrants(tenant, person, now).select('accessGrant.recording');
  return listen.unionAll(openRequests(tenant, person, now).select('accessRequest.recording'));
}
