// What background work finds by an index: entries without a blob, and comments without an entry. Released migration: do
// not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * The backlog of entries is counted and dated in its index alone. `filed` is the version of a comment that its last
 * entry says: a comment of an earlier version of callvault has 0.
 */
export async function entryWork(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob }: { readonly blob: 'blob' | 'bytea' },
): Promise<void> {
  await db.schema.dropIndex('amendment_unstored').execute();
  await sql`create index amendment_unstored on amendment (tenant, subject, n, at) where stored = 0`.execute(db);
  await db.schema
    .alterTable('comment')
    .addColumn('filed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`create index comment_unfiled on comment (tenant, id) where filed < version`.execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
