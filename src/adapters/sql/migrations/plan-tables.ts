// Indexes and statistics for a million recordings. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * A search reads a value of a blind index, which may match one call or a tenth of all: the index contains the calls'
 * times, so that either reads the newest first and no more than a page. Few recordings are quarantined, erased or
 * expected: lists of those read partial indexes. Without statistics SQLite chooses the primary key to save a sort and
 * reads all rows of a tenant: it gets fixed ones.
 */
export async function planTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: string; readonly text: string },
): Promise<void> {
  const partial = (name: string, condition: string) =>
    sql.raw(`create index ${name} on recording (tenant, started_at, id) where ${condition}`).execute(db);
  await partial('recording_quarantined', "state = 'AVAILABLE' and quarantine <> ''");
  await partial('recording_erased', "state in ('ERASING', 'ERASED')");
  await partial('recording_expected', "state = 'EXPECTED'");
  await sql`create index recording_language on recording (tenant, language, started_at, id)`.execute(db);
  await sql`create index recording_direction on recording (tenant, direction, started_at, id)`.execute(db);
  await sql.raw(`alter table blind_index add column started_at ${text} not null default ''`).execute(db);
  await sql`update blind_index set started_at = (select started_at from recording
    where recording.tenant = blind_index.tenant and recording.id = blind_index.recording)`.execute(db);
  await sql`create index blind_index_listed on blind_index (tenant, label, value, started_at, recording)`.execute(db);
  await sql`create index wrapped_key_named on wrapped_key (key_id)`.execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
