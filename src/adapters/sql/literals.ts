// Query text that leads the planner: it uses a partial index only if it sees the value of its condition, and may prefer
// another index to it.
import { type RawBuilder, sql } from 'kysely';

/** A constant of the code in the text of a query. Never for input. */
export function literal<const T extends string>(value: T): RawBuilder<T> {
  return sql.lit(value);
}

/** Several constants. */
export function literals<const T extends string>(...values: readonly T[]): RawBuilder<T>[] {
  return values.map((value) => sql.lit(value));
}

/** A column of text in a form that no index answers. */
export function withoutIndex(column: string): RawBuilder<string> {
  return sql<string>`${sql.ref(column)} || ''`;
}

/** A constant number. */
export function number(value: number): RawBuilder<number> {
  return sql.lit(value);
}
