// Filters of a list of recordings by values in clear, as SQL conditions.
import { type Expression, type ExpressionBuilder, expressionBuilder, type SqlBool, sql } from 'kysely';
import type { OwnAccessFilter, RecordingFilter, RecordingStateFilter } from '../../ports/rows/recording-rows.ts';
import { literal, literals, withoutIndex } from './literals.ts';
import type { Schema } from './schema.ts';

/**
 * The condition whose index a page reads: `start` is the list of all recordings, `queue` those of a person's teams, and a
 * number the place of a blind index in the filter. The indexes of `length` and `access` are in another order than the page, which sorts what it finds.
 */
export type PageEntry = 'start' | 'queue' | 'state' | 'language' | 'direction' | 'length' | 'access' | number;

/** How many recordings a page sorts at most: of an index, and of rows that it looks up one by one. */
export const MOST_SORTED = 2_000;
export const MOST_LOOKED_UP = 1_000;

/**
 * How a page finds whether a recording meets a condition that it does not enter by: it reads all that do beforehand, or
 * looks up each recording.
 */
export type Found = 'in memory' | 'looked up';

/** A filter's values in clear. */
type RecordingFilterValues = Pick<RecordingFilter, 'direction' | 'language' | 'minMs' | 'maxMs'> & {
  /** The recordings that a page of `over` enters by. */
  readonly among: readonly string[] | null;
};

type Builder = ExpressionBuilder<Schema, 'recording'>;

/** The states that few recordings have. */
export type RareState = Exclude<RecordingStateFilter, 'available'>;

/** The conditions of a filter that have a name instead of a value, and the page's entry: each has its own text. */
export type NamedConditions = {
  readonly state: RecordingFilter['state'];
  readonly access: OwnAccessFilter['access'] | undefined;
  readonly entry: Exclude<PageEntry, number> | 'index';
  /** How a page of past access finds the person's requests, and a search the recordings of a rare state and of the scope. */
  readonly own: Found;
  readonly rare: Found;
  readonly scoped: Found;
};

/**
 * The conditions, all of which must hold. Only the entry's is in a form that an index answers: the planner then has no
 * other index to enter.
 */
export function filterConditions(
  eb: Builder,
  tenant: string,
  { direction, language, minMs, maxMs, among }: RecordingFilterValues,
  { person, now }: Partial<Omit<OwnAccessFilter, 'access'>>,
  { state, access, entry, own }: NamedConditions,
): Expression<SqlBool>[] {
  const text = (column: 'direction' | 'language') =>
    entry === column ? eb.ref(`recording.${column}`) : withoutIndex(`recording.${column}`);
  const length =
    entry === 'length' ? eb.ref('recording.durationMs') : sql<number>`${sql.ref('recording.durationMs')} + 0`;
  return [
    ...(direction === undefined ? [] : [eb(text('direction'), '=', direction)]),
    ...(language === undefined ? [] : [eb(text('language'), '=', language)]),
    ...(minMs === undefined ? [] : [eb(length, '>=', minMs)]),
    ...(maxMs === undefined ? [] : [eb(length, '<=', maxMs)]),
    ...(state === undefined ? [] : [hasState(eb, state, entry === 'state')]),
    ...(access === undefined || person === undefined || now === undefined
      ? []
      : [hasAccessState(eb, tenant, { person, access, now }, own, among)]),
  ];
}

/** A person's grants that open sessions now. */
export function liveGrants(tenant: string, person: string, now: string) {
  return (
    expressionBuilder<Schema, never>()
      .selectFrom('accessGrant')
      .where('accessGrant.tenant', '=', tenant)
      .where('accessGrant.person', '=', person)
      // The condition of a partial index, and the state.
      .where('accessGrant.state', 'in', literals('APPROVED', 'CONSUMED'))
      .where('accessGrant.state', '=', literal('APPROVED'))
      .where('accessGrant.usesLeft', '>', 0)
      .where('accessGrant.expires', '>', now)
  );
}

/** A person's requests that wait for a decision. */
export function openRequests(tenant: string, person: string, now: string) {
  return expressionBuilder<Schema, never>()
    .selectFrom('accessRequest')
    .where('accessRequest.tenant', '=', tenant)
    .where('accessRequest.requester', '=', person)
    .where('accessRequest.state', '=', literal('REQUESTED'))
    .where('accessRequest.expires', '>', now);
}

/** The condition of a state, in the exact form of its partial index's condition where it is to be answered by that. */
export function hasState(eb: Builder, wanted: RecordingStateFilter, indexed = true): Expression<SqlBool> {
  const state = indexed ? eb.ref('recording.state') : withoutIndex('recording.state');
  if (wanted === 'expected') return eb(state, '=', literal('EXPECTED'));
  if (wanted === 'erased') return eb(state, 'in', literals('ERASING', 'ERASED'));
  return eb.and([
    eb(state, '=', literal('AVAILABLE')),
    eb('recording.quarantine', wanted === 'available' ? '=' : '!=', literal('')),
  ]);
}

/** In the order of access states: a live grant before an open request before ended ones. */
function hasAccessState(
  eb: Builder,
  tenant: string,
  { person, access: wanted, now }: OwnAccessFilter,
  own: Found,
  among: readonly string[] | null,
): Expression<SqlBool> {
  const listen = liveGrants(tenant, person, now).select('accessGrant.recording');
  const requested = eb
    .selectFrom('accessRequest')
    .select('accessRequest.recording')
    .where('accessRequest.tenant', '=', tenant)
    .where('requester', '=', person);
  const pending = openRequests(tenant, person, now).select('accessRequest.recording');
  if (wanted === 'listen') return eb('recording.id', 'in', listen);
  if (wanted === 'pending') return eb.and([eb('recording.id', 'in', pending), eb('recording.id', 'not in', listen)]);
  const any = (): Expression<SqlBool> => {
    if (among !== null) return eb('recording.id', 'in', among);
    if (own === 'in memory') return isAmong('recording.id', requested);
    return eb(withoutIndex('recording.id'), 'in', requested);
  };
  return eb.and([any(), eb('recording.id', 'not in', pending), eb('recording.id', 'not in', listen)]);
}

/**
 * What a search asks of its entries before it looks their recordings up, where few recordings of its span of time meet
 * it: each engine reads those once.
 */
export function conditionsBeforehand(
  tenant: string,
  { from, to }: Pick<RecordingFilter, 'from' | 'to'>,
  { person }: Partial<Omit<OwnAccessFilter, 'access'>>,
  { state, access, own, rare }: NamedConditions,
): Expression<SqlBool>[] {
  const db = expressionBuilder<Schema, never>();
  const conditions: Expression<SqlBool>[] = [];
  if (rare === 'in memory' && state !== undefined) {
    let all = db.selectFrom('recording').select('recording.id').where('recording.tenant', '=', tenant);
    all = all.where((eb) => hasState(eb, state));
    if (from !== undefined) all = all.where('recording.startedAt', '>=', from);
    if (to !== undefined) all = all.where('recording.startedAt', '<=', to);
    conditions.push(isAmong('found.recording', all));
  }
  if (access === 'over' && own === 'in memory' && person !== undefined) {
    const all = db
      .selectFrom('accessRequest')
      .select('accessRequest.recording')
      .where('accessRequest.tenant', '=', tenant);
    conditions.push(isAmong('found.recording', all.where('requester', '=', person)));
  }
  return conditions;
}

/**
 * PostgreSQL makes a join of `in`, with a look-up for each recording. Both engines read what is behind `not in` once.
 */
export function isAmong(id: 'recording.id' | 'found.recording', ids: Expression<unknown>): Expression<SqlBool> {
  return sql<SqlBool>`not (${sql.ref(id)} not in (${ids}))`;
}
