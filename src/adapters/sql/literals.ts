// Values that stand in the text of a query: a partial index is used only where the planner sees the value of its condition.
import { type RawBuilder, sql } from 'kysely';

/** A constant of ours in the text of the query. Never for what comes from outside. */
export function literal<const T extends string>(value: T): RawBuilder<T> {
  return sql.lit(value);
}

/** Several of them. */
export function literals<const T extends string>(...values: readonly T[]): RawBuilder<T>[] {
  return values.map((value) => sql.lit(value));
}
