// Columns of the clock that the first listen starts. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Empty in older rows: their clock began with the approval, and their MACs stay valid. */
export async function clockColumns(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  const columns = {
    access_grant: [
      ...['minutes integer', `opens_until ${text}`, `started ${text}`],
      ...['extend_minutes integer', `extended ${text}`],
    ],
    decision: [`opens_until ${text}`, 'extend_minutes integer'],
  };
  for (const [table, added] of Object.entries(columns)) {
    for (const column of added) await sql.raw(`alter table ${table} add column ${column}`).execute(db);
  }
}
