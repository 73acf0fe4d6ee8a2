// When a window of counted events ends, and what its first event was. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** Windows of before, and those that count no events, have neither. A count changes no column of the index. */
export async function windowEnds(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`alter table "window" add column ends ${text}`);
  await run(`alter table "window" add column first ${text}`);
  await run('create index window_ended on "window" (ends) where ends is not null');
  if (blob === 'blob') await fixStatistics(db);
}
