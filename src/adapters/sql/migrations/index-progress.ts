// How far the blind indexes of a tenant's recordings are up to date. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/**
 * No column of a recording: whatever their number, this writes a row for each tenant. Recordings that exist by now may
 * have no index of their call id. A tenant without a row has recordings of version 1 alone.
 */
export async function indexProgress(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  await db.schema
    .alterTable('tenant')
    .addColumn('index_version', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await db.schema
    .createTable('index_progress')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('complete', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('reached', sql.raw(text), (column) => column.notNull())
    .addPrimaryKeyConstraint('index_progress_key', ['tenant'] as never[])
    .execute();
  await sql`insert into index_progress (tenant, complete, version, reached) select tenant, 0, 0, '' from tenant`.execute(
    db,
  );
}
