// When each log was last read again from its first event. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

export async function rereadLogs(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  await sql.raw(`alter table audit_head add column reread ${text}`).execute(db);
}
