// Distinct values of a blind index in SQL, by skipping from one value to the next: as many steps as there are values,
// however many recordings each has.
import { sql } from 'kysely';
import type { IndexLabel } from '../../envelope/blind-index.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

const onePerValue = query((db, tenant: string, label: string, limit: number) => {
  const text = sql<{ recording: string }>`
    with recursive jump(value) as (
      select (select value from blind_index where tenant = ${tenant} and label = ${label} order by value limit 1)
      union all
      select (
        select next.value from blind_index next
        where next.tenant = ${tenant} and next.label = ${label} and next.value > jump.value
        order by next.value limit 1
      )
      from jump where jump.value is not null
    )
    select (
      select one.recording from blind_index one
      where one.tenant = ${tenant} and one.label = ${label} and one.value = jump.value
      order by one.recording limit 1
    ) as recording
    from jump where jump.value is not null limit ${limit}`;
  return { compile: () => text.compile(db) };
});

/** As the port's `onePerValue`. */
export async function distinctIndexValues(
  db: Connection,
  tenant: string,
  label: IndexLabel,
  limit: number,
): Promise<string[]> {
  return (await db.all(onePerValue(tenant, label, limit))).map(({ recording }) => recording);
}
