// When each node last showed that its clock is trusted. The first time is that of the newest event, before a process of this
// version writes one: a clock that is ahead at the upgrade is found by it. Released migration: do not edit.
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
  const now = new Date().toISOString();
  // A log that is ahead of the clock says nothing of it.
  await sql`insert into clock_beat (node, at) select 'upgrade', max(case when mark < ${now} then mark else ${now} end)
    from audit_head having max(mark) > ''`.execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
