// Columns and tables for key rotation. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/**
 * Moves the envelope's generation next to its wrapped key; adds the scheme of a tenant's metadata key, the generation in
 * its blob, and a table of tenant KEKs. A row keeps an envelope only until the store has it: a remaining copy would
 * preserve an old wrapped key.
 */
export async function keyTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: string; readonly text: string },
): Promise<void> {
  await db.schema.alterTable('wrapped_key').addColumn('envelope_wrap', 'integer').execute();
  await sql`update wrapped_key set envelope_wrap =
    (select envelope_wrap from deposit where deposit.tenant = wrapped_key.tenant and deposit.id = wrapped_key.deposit)`.execute(
    db,
  );
  await db.schema.alterTable('deposit').dropColumn('envelope_wrap').execute();
  await sql`update deposit set envelope = null where state = 'AVAILABLE'`.execute(db);
  await sql`create index wrapped_key_behind on wrapped_key (tenant, deposit) where envelope_wrap < wrap`.execute(db);

  await db.schema.alterTable('tenant').addColumn('metadata_scheme', sql.raw(text)).execute();
  await db.schema.alterTable('tenant').addColumn('blob_wrap', 'integer').execute();
  await db.schema
    .alterTable('tenant')
    .addColumn('volume', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update tenant set metadata_scheme = key_scheme, blob_wrap = metadata_wrap where metadata_wrap is not null`.execute(
    db,
  );

  await db.schema
    .createTable('tenant_kek')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('id', sql.raw(text), (column) => column.notNull())
    .addColumn('created', sql.raw(text), (column) => column.notNull())
    .addColumn('wrap', 'integer', (column) => column.notNull())
    .addColumn('scheme', sql.raw(text), (column) => column.notNull())
    .addColumn('key_id', sql.raw(text), (column) => column.notNull())
    .addColumn('wrapped', sql.raw(blob), (column) => column.notNull())
    .addPrimaryKeyConstraint('tenant_kek_key', ['tenant', 'id'] as never[])
    .execute();
  await db.schema.createIndex('tenant_kek_generation').on('tenant_kek').columns(['tenant', 'wrap']).unique().execute();
}
