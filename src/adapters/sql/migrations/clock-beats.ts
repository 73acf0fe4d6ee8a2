// When each node last showed that its clock is trusted. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

export async function clockBeats(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  await sql
    .raw(
      `create table clock_beat (node ${text} not null, at ${text} not null, constraint clock_beat_key primary key (node))`,
    )
    .execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
