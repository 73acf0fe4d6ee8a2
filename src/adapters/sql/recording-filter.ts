// Filters of a list of recordings by values in clear, as SQL conditions.
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { OwnAccessFilter, RecordingFilter, RecordingStateFilter } from '../../ports/rows/recording-rows.ts';
import { literal, literals } from './literals.ts';
import type { Schema } from './schema.ts';

/** A filter's values in clear. */
type RecordingFilterValues = Pick<RecordingFilter, 'direction' | 'language' | 'minMs' | 'maxMs'>;

type Builder = ExpressionBuilder<Schema, 'recording'>;

/** The conditions of a filter that have a name instead of a value: each has its own text. */
export type NamedConditions = {
  readonly state: RecordingFilter['state'];
  readonly access: OwnAccessFilter['access'] | undefined;
};

/** The conditions, all of which must hold. */
export function filterConditions(
  eb: Builder,
  tenant: string,
  { direction, language, minMs, maxMs }: RecordingFilterValues,
  { person, now }: Partial<Omit<OwnAccessFilter, 'access'>>,
  { state, access }: NamedConditions,
): Expression<SqlBool>[] {
  return [
    ...(direction === undefined ? [] : [eb('direction', '=', direction)]),
    ...(language === undefined ? [] : [eb('language', '=', language)]),
    ...(minMs === undefined ? [] : [eb('durationMs', '>=', minMs)]),
    ...(maxMs === undefined ? [] : [eb('durationMs', '<=', maxMs)]),
    ...(state === undefined ? [] : [hasState(eb, state)]),
    ...(access === undefined || person === undefined || now === undefined
      ? []
      : [hasAccessState(eb, tenant, { person, access, now })]),
  ];
}

function hasState(eb: Builder, state: RecordingStateFilter): Expression<SqlBool> {
  // Each in the exact form of its partial index's condition.
  if (state === 'expected') return eb('state', '=', literal('EXPECTED'));
  if (state === 'erased') return eb('state', 'in', literals('ERASING', 'ERASED'));
  return eb.and([
    eb('state', '=', literal('AVAILABLE')),
    eb('quarantine', state === 'available' ? '=' : '!=', literal('')),
  ]);
}

/** In the order of access states: a live grant before an open request before ended ones. */
function hasAccessState(
  eb: Builder,
  tenant: string,
  { person, access: wanted, now }: OwnAccessFilter,
): Expression<SqlBool> {
  const listen = eb
    .selectFrom('accessGrant')
    .select('recording')
    .where('tenant', '=', tenant)
    .where('person', '=', person)
    .where('state', '=', literal('APPROVED'))
    .where('usesLeft', '>', 0)
    .where('expires', '>', now);
  const requested = eb
    .selectFrom('accessRequest')
    .select('recording')
    .where('tenant', '=', tenant)
    .where('requester', '=', person);
  const pending = requested.where('state', '=', literal('REQUESTED')).where('expires', '>', now);
  if (wanted === 'listen') return eb('id', 'in', listen);
  if (wanted === 'pending') return eb.and([eb('id', 'in', pending), eb('id', 'not in', listen)]);
  return eb.and([eb('id', 'in', requested), eb('id', 'not in', pending), eb('id', 'not in', listen)]);
}
