// Tables for listening: served ranges, comments, events by recording. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/**
 * Sessions keep the served ranges of a call; comments belong to a recording; and an index finds a recording's events
 * without reading the log, including existing ones.
 */
export async function listeningTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, bigint, text }: { readonly blob: 'blob' | 'bytea'; readonly bigint: string; readonly text: string },
): Promise<void> {
  await db.schema.alterTable('session').addColumn('heard', sql.raw(text)).execute();
  await db.schema.createIndex('session_of').on('session').columns(['tenant', 'recording', 'principal']).execute();

  await db.schema
    .createTable('audit_subject')
    .addColumn('log', sql.raw(text), (column) => column.notNull())
    .addColumn('recording', sql.raw(text), (column) => column.notNull())
    .addColumn('seq', sql.raw(bigint), (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_subject_key', ['log', 'recording', 'seq'] as never[])
    .execute();
  const member = (name: string) =>
    sql.raw(
      blob === 'blob'
        ? `json_extract(cast(leaf as text), '$.object.${name}')`
        : `(convert_from(leaf, 'UTF8')::json -> 'object' ->> '${name}')`,
    );
  const named = sql`case when ${member('type')} = 'recording' then ${member('id')} else ${member('recording')} end`;
  await sql`insert into audit_subject (log, recording, seq)
    select log, recording, seq from (select log, seq, ${named} as recording from audit_event) as named
    where recording is not null`.execute(db);

  await db.schema
    .createTable('comment')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('id', sql.raw(text), (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('recording', sql.raw(text), (column) => column.notNull())
    .addColumn('author', sql.raw(text), (column) => column.notNull())
    .addColumn('start_ms', sql.raw(bigint), (column) => column.notNull())
    .addColumn('end_ms', sql.raw(bigint))
    .addColumn('category', sql.raw(text), (column) => column.notNull())
    .addColumn('visibility', sql.raw(text), (column) => column.notNull())
    .addColumn('words', sql.raw(blob), (column) => column.notNull())
    .addColumn('created', sql.raw(text), (column) => column.notNull())
    .addColumn('edited', sql.raw(text))
    .addPrimaryKeyConstraint('comment_key', ['tenant', 'id'] as never[])
    .execute();
  await db.schema.createIndex('comment_of').on('comment').columns(['tenant', 'recording', 'start_ms', 'id']).execute();
}
