// Ingest keys: the key pairs that senders seal files to. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** A tenant has at most one current key; older ones still open files that were sealed before. */
export async function ingestKeyTable(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`create table ingest_key (tenant ${text} not null, id ${text} not null, created ${text} not null,
    state ${text} not null, public ${blob} not null, scheme ${text} not null, key_id ${text} not null,
    wrap integer not null, wrapped ${blob} not null, blob_wrap integer not null, mac ${blob} not null,
    note ${text}, last_file_at ${text}, constraint ingest_key_key primary key (tenant, id))`);
  await run(`create unique index ingest_key_current on ingest_key (tenant) where state = 'CURRENT'`);
  if (blob === 'blob') await fixStatistics(db);
}
