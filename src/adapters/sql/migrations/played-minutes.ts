// Minutes of a session's call that were begun, for limits of a day. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Sessions of before have none: what was served in them counts in no day. */
export async function playedMinutes(db: Kysely<Record<string, Record<string, unknown>>>): Promise<void> {
  await sql`alter table session add column played_minutes integer not null default 0`.execute(db);
}
