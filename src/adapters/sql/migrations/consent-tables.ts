// Consent: notices, and withdrawals with the blind indexes that find them and their recordings. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/**
 * A deposit finds withdrawals by the values of its call (`withdrawal_index`); work continues those with a `due`, in order
 * of the recordings that they match.
 */
export async function consentTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const make = async (
    name: string,
    key: readonly string[],
    columns: Readonly<Record<string, string>>,
    optional: Readonly<Record<string, string>> = {},
  ) => {
    let create = db.schema.createTable(name);
    for (const [column, type] of Object.entries({ tenant: text, ...columns }))
      create = create.addColumn(column, sql.raw(type), (built) => built.notNull());
    for (const [column, type] of Object.entries(optional)) create = create.addColumn(column, sql.raw(type));
    await create.addPrimaryKeyConstraint(`${name}_key`, ['tenant', ...key] as never[]).execute();
  };
  await make('notice', ['id', 'version', 'language'], {
    ...{ id: text, version: 'integer', language: text, created: text, text: blob },
  });
  await make('withdrawal', ['id'], { id: text, created: text, at: text, purposes: text, reached: text }, { due: text });
  await make('withdrawal_index', ['value', 'withdrawal', 'label'], { value: blob, withdrawal: text, label: text });
  await sql`create index withdrawal_due on withdrawal (due) where due is not null`.execute(db);
  await sql`create index withdrawal_index_of on withdrawal_index (tenant, withdrawal)`.execute(db);
}
