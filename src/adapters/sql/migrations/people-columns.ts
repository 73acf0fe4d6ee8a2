// Columns of people whose roles change. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Empty in older rows: their account's age counts from the start, and their MACs stay valid. */
export async function peopleColumns(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  for (const column of ['approving_since', 'trained_until'])
    await sql.raw(`alter table principal add column ${column} ${text}`).execute(db);
}
