// The table of idempotency keys, as its migration makes it. Never changed after it landed.
import { type Kysely, sql } from 'kysely';

/** Makes the table. The engines call two types differently. */
export async function idempotencyTable(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, bigint }: { readonly blob: string; readonly bigint: string },
): Promise<void> {
  await db.schema
    .createTable('idempotency')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('route', 'text', (column) => column.notNull())
    .addColumn('key', sql.raw(blob), (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('body', sql.raw(blob), (column) => column.notNull())
    .addColumn('until', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('ids', 'text')
    .addColumn('seq', sql.raw(bigint))
    .addPrimaryKeyConstraint('idempotency_key', ['tenant', 'principal', 'route', 'key'] as never[])
    .execute();
  await db.schema.createIndex('idempotency_until').on('idempotency').column('until').execute();
}
