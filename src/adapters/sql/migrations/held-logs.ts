// Logs that are held until they are restored. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/**
 * `held`: how the log differs from what was published. `restoring`: the first event that a restore under way brings back.
 * `restored`: the index of the newest `log.restored`.
 */
export async function heldLogs(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  await sql.raw(`alter table audit_head add column held ${text}`).execute(db);
  await sql.raw('alter table audit_head add column restoring bigint').execute(db);
  await sql.raw('alter table audit_head add column restored bigint not null default -1').execute(db);
}
