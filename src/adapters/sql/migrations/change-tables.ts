// Changes by two people, and the settings that came with them. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** A change is found by id, by tenant, and by its end while it waits; tenants choose which fields can be searched. */
export async function changeTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: string; readonly text: string },
): Promise<void> {
  await sql.raw(`alter table tenant add column searchable ${text} not null default ''`).execute(db);
  let create = db.schema.createTable('change');
  const columns = {
    ...{ tenant: text, id: text, kind: text, state: text, version: 'integer', base: text, body: blob },
    ...{ effects: text, note: blob, proposer: text, by_command: 'integer', opened: text, expires: text },
  };
  for (const [name, type] of Object.entries(columns))
    create = create.addColumn(name, sql.raw(type), (column) => column.notNull());
  for (const [name, type] of Object.entries({ preview: blob, decider: text, decided: text, reason: blob, mac: blob }))
    create = create.addColumn(name, sql.raw(type));
  await create.addPrimaryKeyConstraint('change_key', ['tenant', 'id'] as never[]).execute();
  await db.schema.createIndex('change_id').on('change').column('id').unique().execute();
  await sql`create index change_open on change (expires) where state in ('OPEN', 'APPROVED')`.execute(db);
}
