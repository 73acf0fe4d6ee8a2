// Tables of stateless challenges. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Challenges are no longer rows: browsers with an open one must request another. */
export async function challengeTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: string; readonly text: string },
): Promise<void> {
  await db.schema.dropTable('challenge').execute();
  await db.schema
    .createTable('challenge_key')
    .addColumn('id', 'integer', (column) => column.notNull())
    .addColumn('value', sql.raw(blob), (column) => column.notNull())
    .addPrimaryKeyConstraint('challenge_key_key', ['id'] as never[])
    .execute();
  await db.schema
    .createTable('answered_challenge')
    .addColumn('id', sql.raw(text), (column) => column.notNull())
    .addColumn('expires', sql.raw(text), (column) => column.notNull())
    .addPrimaryKeyConstraint('answered_challenge_key', ['id'] as never[])
    .execute();
  await db.schema.createIndex('answered_challenge_expires').on('answered_challenge').column('expires').execute();
}
