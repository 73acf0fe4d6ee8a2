// Literal values in query text: the planner uses a partial index only if it sees the value of its condition.
import { type RawBuilder, sql } from 'kysely';

/** A constant of the code in the text of a query. Never for input. */
export function literal<const T extends string>(value: T): RawBuilder<T> {
  return sql.lit(value);
}

/** Several constants. */
export function literals<const T extends string>(...values: readonly T[]): RawBuilder<T>[] {
  return values.map((value) => sql.lit(value));
}
