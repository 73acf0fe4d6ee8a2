// The table of idempotency keys. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Creates the table. The engines name three types differently. */
export async function idempotencyTable(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, bigint, text }: { readonly blob: string; readonly bigint: string; readonly text: string },
): Promise<void> {
  await db.schema
    .createTable('idempotency')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('principal', sql.raw(text), (column) => column.notNull())
    .addColumn('route', sql.raw(text), (column) => column.notNull())
    .addColumn('key', sql.raw(blob), (column) => column.notNull())
    .addColumn('owner', sql.raw(text), (column) => column.notNull())
    .addColumn('body', sql.raw(blob), (column) => column.notNull())
    .addColumn('until', sql.raw(text), (column) => column.notNull())
    .addColumn('outcome', sql.raw(text))
    .addColumn('ids', sql.raw(text))
    .addColumn('seq', sql.raw(bigint))
    .addPrimaryKeyConstraint('idempotency_key', ['tenant', 'principal', 'route', 'key'] as never[])
    .execute();
  await db.schema.createIndex('idempotency_until').on('idempotency').column('until').execute();
}
