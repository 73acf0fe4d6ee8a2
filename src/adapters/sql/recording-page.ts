// A page of recordings, newest call first: from the recordings, or from a blind index of a search.
import { type Expression, type ExpressionBuilder, expressionBuilder, type Kysely, type SqlBool, sql } from 'kysely';
import type { RecordingCursor, RecordingSummary } from '../../model/recording.ts';
import type { RecordingFilter } from '../../ports/rows/recording-rows.ts';
import type { Connection } from './connection.ts';
import { withoutIndex } from './literals.ts';
import { SUMMARY_COLUMNS, summaries } from './mappings.ts';
import { query } from './query.ts';
import { pageStart } from './recording-entry.ts';
import { conditionsBeforehand, filterConditions, MOST_LOOKED_UP, type NamedConditions } from './recording-filter.ts';
import {
  fromRecordings,
  isInScope,
  isScopedBeforehand,
  type Owner,
  ofQueues,
  type Page,
  paddedQueues,
  scopeOfPage,
} from './recording-scope.ts';
import type { BlindIndexRow, Schema } from './schema.ts';

/** The values of a filter; `NamedConditions` names its conditions that have none. */
type FilterValues = Omit<RecordingFilter, 'indexes' | 'state' | 'mine' | 'scope'>;

type PageQuery = ReturnType<typeof pageQuery>;

const pageQueries = new Map<string, PageQuery>();

/**
 * At most `limit` rows after the cursor. The page reads an index in its own order and stops after its rows, or sorts few:
 * which one is chosen by counting (recording-entry.ts).
 */
export async function recordingPage(
  db: Connection,
  tenant: string,
  filter: RecordingFilter,
  after: RecordingCursor | null,
  limit: number,
): Promise<RecordingSummary[]> {
  const { indexes, state, mine, scope: whole, ...values } = filter;
  // An erasure deletes the blind indexes in its first transaction.
  if (state === 'erased' && indexes.length > 0) return [];
  const scope = whole === undefined ? undefined : scopeOfPage(whole, filter);
  const { access } = mine ?? {};
  const { person, now } = mine ?? scope ?? {};
  const owner = person === undefined || now === undefined ? {} : { person, now };
  const span = spanOf(values.from, values.to ?? after?.startedAt);
  const { entry: chosen, own, rare, scoped } = await pageStart(db, tenant, filter, scope, span);
  const entry = typeof chosen === 'number' ? 'index' : chosen;
  const named = `${state} ${access} ${entry} ${own} ${rare} ${scoped}`;
  const page = pageQueries.get(named) ?? pageQuery({ state, access, entry, own, rare, scoped });
  pageQueries.set(named, page);
  // The entry first.
  const ordered = indexes.filter((_, at) => at === chosen).concat(indexes.filter((_, at) => at !== chosen));
  const labels = ordered.map(({ label }) => label);
  const blind = ordered.map(({ value }) => value);
  const among = mine === undefined || entry !== 'access' ? null : await requestedBy(db, tenant, mine.person, access);
  if (among?.length === 0) return [];
  const queues = scope === undefined ? null : entry === 'queue' ? paddedQueues(scope.queues) : scope.queues;
  return (await db.all(page(tenant, values, owner, among, queues, labels, blind, after, limit))).map(summaries.toNoun);
}

function spanOf(from: string | undefined, to: string | undefined): Pick<RecordingFilter, 'from' | 'to'> {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** The recordings that a person requested, where a page of `over` enters by them. */
async function requestedBy(
  db: Connection,
  tenant: string,
  person: string,
  access: NamedConditions['access'],
): Promise<string[] | null> {
  if (access !== 'over') return null;
  return [...new Set((await db.all(requested(tenant, person))).map(({ recording }) => recording))];
}

const requested = query((db, tenant: string, person: string) =>
  db
    .selectFrom('accessRequest')
    .select('recording')
    .where('tenant', '=', tenant)
    .where('requester', '=', person)
    .limit(MOST_LOOKED_UP),
);

function pageQuery(named: NamedConditions) {
  return query(
    (
      db,
      tenant: string,
      values: FilterValues,
      owner: Owner,
      among: readonly string[] | null,
      queues: readonly Uint8Array[] | null,
      labels: readonly string[],
      blind: readonly Uint8Array[],
      after: RecordingCursor | null,
      limit: number,
    ) => {
      const all = labels.map((label, at) => ({ label, value: blind[at] as Uint8Array }));
      const first = named.entry === 'index' ? all[0] : undefined;
      const others = first === undefined ? all : all.slice(1);
      const id = first === undefined ? 'recording.id' : 'found.recording';
      const start = first === undefined ? 'recording.startedAt' : 'found.startedAt';
      const startedAt = startOf(named.entry);
      const isListed = (): Expression<SqlBool> => {
        const eb = expressionBuilder<Schema, 'recording'>();
        const shown = eb.or([eb('recording.state', '!=', 'EXPECTED'), eb('recording.described', '=', 1)]);
        const inScope = queues === null || named.entry === 'queue' ? [] : [isInScope(eb, tenant, queues, owner)];
        return eb.and([
          eb('recording.tenant', '=', tenant),
          shown,
          ...inScope,
          ...filterConditions(eb, tenant, { ...values, among }, owner, named),
        ]);
      };
      const { from, to, ...narrowing } = values;
      const isFiltered = named.state !== undefined || named.access !== undefined || Object.keys(narrowing).length > 0;
      const span = spanOf(from, to ?? after?.startedAt);
      const isScoped = named.scoped === 'in memory' && queues !== null;
      const beforehand = [
        ...(isScoped ? [isScopedBeforehand(tenant, queues, owner, span)] : []),
        ...conditionsBeforehand(tenant, span, owner, named),
      ];
      const hasOthers = others.map(({ label, value }) => hasIndex(tenant, label, value, { start, id }));
      const within = (all: Page, startedAt: Expression<string>): Page => {
        let page = all;
        if (from !== undefined) page = page.where(startedAt, '>=', from);
        if (to !== undefined) page = page.where(startedAt, '<', to);
        if (after === null) return page;
        // The planner enters the index of the first condition.
        return page
          .where(startedAt, '<=', after.startedAt)
          .where(({ eb, or }) => or([eb(startedAt, '<', after.startedAt), eb(id, '<', after.id)]));
      };
      const listed = (page: Page): Page => page.where(({ and }) => and([isListed(), ...hasOthers]));
      if (named.entry === 'queue')
        return rowsOf(
          db,
          tenant,
          ofQueues(db, tenant, queues ?? [], owner, limit, (...all) => listed(within(...all))),
        );
      const page =
        first === undefined
          ? listed(fromRecordings(db))
          : fromIndex(db, tenant, first).where(
              isRecording([...beforehand, ...hasOthers], isListed, isFiltered),
              '=',
              sql.ref<string>(id),
            );
      const ordered = within(page, startedAt).orderBy(startedAt, 'desc').orderBy(id, 'desc');
      return rowsOf(db, tenant, ordered.limit(limit));
    },
  );
}

/** The start of a call in the page's order. Where the page sorts, the index of starts must not be an alternative. */
function startOf(entry: NamedConditions['entry']) {
  if (entry === 'length' || entry === 'access') return withoutIndex('recording.startedAt');
  return sql<string>`${sql.ref(entry === 'index' ? 'found.startedAt' : 'recording.startedAt')}`;
}

/** The rows of a page. It finds ids only: PostgreSQL answers no other query from an index alone. */
function rowsOf(db: Kysely<Schema>, tenant: string, page: Page) {
  // A cross join, since SQLite then begins with the page.
  return db
    .selectFrom(page.as('page'))
    .crossJoin('recording')
    .select(SUMMARY_COLUMNS.map((column) => `recording.${column}` as const))
    .where('recording.tenant', '=', tenant)
    .whereRef('recording.id', '=', 'page.id')
    .orderBy('page.startedAt', 'desc')
    .orderBy('page.id', 'desc');
}

type BlindValue = { readonly label: string; readonly value: Uint8Array };

/** Reads a value's calls, newest first. */
function fromIndex(db: Kysely<Schema>, tenant: string, { label, value }: BlindValue): Page {
  return db
    .selectFrom('blindIndex as found')
    .select(['found.recording as id', 'found.startedAt'])
    .where('found.tenant', '=', tenant)
    .where('found.label', '=', label)
    .where('found.value', '=', value) as unknown as Page;
}

/** Where a query has a recording's id and start. */
type Place = {
  readonly start: 'recording.startedAt' | 'found.startedAt';
  readonly id: 'recording.id' | 'found.recording';
};

/** Whether a recording has this value. By the start, calls next to each other are found in the same page of the index. */
function hasIndex(tenant: string, label: string, value: Uint8Array, { start, id }: Place): Expression<SqlBool> {
  const eb = expressionBuilder<Schema & { readonly found: BlindIndexRow }, 'recording' | 'found'>();
  const one = eb
    .selectFrom('blindIndex')
    .select('blindIndex.label')
    .where('blindIndex.tenant', '=', tenant)
    .where('blindIndex.label', '=', label)
    .where('blindIndex.value', '=', value)
    .whereRef('blindIndex.startedAt', '=', start)
    .whereRef('blindIndex.recording', '=', id);
  // As a value: PostgreSQL would answer `exists` by reading all recordings with this value.
  return eb(one, '=', label);
}

/**
 * The id of the recording that an entry of a blind index names, if these conditions hold and it is listed, which is
 * looked up last. A value, because PostgreSQL could read all recordings for a join. A filter leaves out many: the list's
 * index, in the order of the blind index, has all that a filter looks at. Without one nearly all are on the page, which
 * reads their rows next.
 */
function isRecording(others: readonly Expression<SqlBool>[], isListed: () => Expression<SqlBool>, isFiltered: boolean) {
  return (eb: ExpressionBuilder<Schema & { readonly found: BlindIndexRow }, 'found'>) => {
    const named = eb
      .selectFrom('recording')
      .select('recording.id')
      .whereRef('recording.id', '=', 'found.recording')
      .where(isListed);
    const recording = isFiltered ? named.whereRef('recording.startedAt', '=', 'found.startedAt') : named;
    return others.length === 0
      ? recording
      : eb
          .case()
          .when(eb.and([...others]))
          .then(recording)
          .end();
  };
}
