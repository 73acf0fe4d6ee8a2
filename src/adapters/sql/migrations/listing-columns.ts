// What call lists say of recordings, and the columns that completeness is counted by. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * `source` follows from sealed facts: a pass over the recordings of each tenant fills it, as it fills blind indexes. The
 * index has all that a count looks at.
 */
export async function listingColumns(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text, bigint }: { readonly blob: 'blob' | 'bytea'; readonly text: string; readonly bigint: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  const add = (column: string) => run(`alter table recording add column ${column}`);
  await add(`source ${text}`);
  await add(`listed_at ${text}`);
  await add(`expected_ms ${bigint}`);
  await add(`listed ${blob}`);
  await add(`differs ${text} not null default ''`);
  await add(`audio_due ${text}`);
  await add(`missing_at ${text}`);
  await add('delay_s integer');
  await run(`create index recording_source on recording (tenant, source, started_at, state, queue, audio_due, expected_ms,
    duration_ms, differs, delay_s, id)`);
  await run(`create index recording_due on recording (audio_due, tenant, id)
    where state = 'EXPECTED' and audio_due is not null and missing_at is null`);
  await run('update tenant set index_version = index_version + 1');
  if (blob === 'blob') await fixStatistics(db);
}
