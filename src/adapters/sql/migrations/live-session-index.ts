// An index of live listening sessions by the browser that opened them. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** The end of a sign-in ends its listening sessions: without this index it reads all sessions that the tenant ever had. */
export async function liveSessionIndex(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob }: { readonly blob: 'blob' | 'bytea' },
): Promise<void> {
  await sql`create index session_listening on session (tenant, sign_in) where state = 'LIVE'`.execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
