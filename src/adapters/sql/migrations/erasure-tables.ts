// Tables for erasures. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/**
 * Tables for erasures and tombstone checks. An event's detail names its recording, so that an erasure finds it; for
 * existing rows the leaf has it.
 */
export async function erasureTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, bigint, text }: { readonly blob: string; readonly bigint: string; readonly text: string },
): Promise<void> {
  await db.schema
    .createTable('erasure')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('recording', sql.raw(text), (column) => column.notNull())
    .addColumn('seq', sql.raw(bigint), (column) => column.notNull())
    .addColumn('tombstone', sql.raw(text), (column) => column.notNull())
    .addColumn('begun', sql.raw(text), (column) => column.notNull())
    .addColumn('pass', 'integer', (column) => column.notNull())
    .addColumn('due', sql.raw(text))
    .addPrimaryKeyConstraint('erasure_key', ['tenant', 'recording'] as never[])
    .execute();
  await sql`create index erasure_due on erasure (due) where due is not null`.execute(db);
  await db.schema
    .createTable('replay')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('at', sql.raw(text), (column) => column.notNull())
    .addPrimaryKeyConstraint('replay_key', ['tenant'] as never[])
    .execute();

  await db.schema.alterTable('audit_detail').addColumn('recording', sql.raw(text)).execute();
  const leaf = (path: 'type' | 'id' | 'recording') =>
    blob === 'blob'
      ? sql.raw(`json_extract(cast(leaf as text), '$.object.${path}')`)
      : sql.raw(`convert_from(leaf, 'UTF8')::jsonb -> 'object' ->> '${path}'`);
  await sql`update audit_detail set recording = (
    select case when ${leaf('type')} = 'recording' then ${leaf('id')} else ${leaf('recording')} end
    from audit_event where audit_event.log = audit_detail.log and audit_event.seq = audit_detail.seq)`.execute(db);
  await sql`create index audit_detail_recording on audit_detail (log, recording) where sealed is not null`.execute(db);
}
