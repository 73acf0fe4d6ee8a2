// How often data keys were unwrapped for a session. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Sessions of before have none: their unwraps were not counted. */
export async function sessionUnwraps(db: Kysely<Record<string, Record<string, unknown>>>): Promise<void> {
  await sql`alter table session add column unwraps integer`.execute(db);
}
