// The table of amendment entries, and what erasing and replaying them notes. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * Entries by subject and number with their exact bytes; an erasure's hours of entries; the time of the last complete
 * replay of entries; when a deposit was COMMITTING, which outlives its abort (unknown for older ones: all but UPLOADING
 * may have been).
 */
export async function amendmentTable(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  await db.schema
    .createTable('amendment')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('subject', sql.raw(text), (column) => column.notNull())
    .addColumn('n', 'integer', (column) => column.notNull())
    .addColumn('at', sql.raw(text), (column) => column.notNull())
    .addColumn('entry', sql.raw(blob), (column) => column.notNull())
    .addColumn('stored', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('amendment_key', ['tenant', 'subject', 'n'] as never[])
    .execute();
  // What waits for its blob is a few rows of many.
  await sql`create index amendment_unstored on amendment (tenant, subject, n) where stored = 0`.execute(db);
  await db.schema.alterTable('erasure').addColumn('hours', sql.raw(text)).execute();
  await db.schema.alterTable('replay').addColumn('entries', sql.raw(text)).execute();
  await db.schema.alterTable('deposit').addColumn('committed', sql.raw(text)).execute();
  await sql`update deposit set committed = created where state <> 'UPLOADING'`.execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
