// The index that finds recordings whose rows were rebuilt. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** Releasing goes through them in order of their ids; few recordings have the reason, except after a rebuild. */
export async function rebuiltIndex(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob }: { readonly blob: 'blob' | 'bytea' },
): Promise<void> {
  await sql`create index recording_rebuilt on recording (tenant, id) where quarantine like '%rebuilt%'`.execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
