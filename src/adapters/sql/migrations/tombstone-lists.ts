// The column that says which tombstone list has an erasure, with its indexes. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Existing erasures have no list yet: background work finds them by the index of those without one. */
export async function tombstoneLists(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  await db.schema.alterTable('erasure').addColumn('list', sql.raw(text)).execute();
  await sql`create index erasure_list on erasure (tenant, list) where list is not null`.execute(db);
  await sql`create index erasure_unlisted on erasure (tenant, recording) where list is null`.execute(db);
  await sql`create index erasure_seq on erasure (tenant, seq, recording)`.execute(db);
}
