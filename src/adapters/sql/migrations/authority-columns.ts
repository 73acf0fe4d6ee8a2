// The MAC of each row that gives access, as its migration adds it. Never changed after it landed.
import { type Kysely, sql } from 'kysely';

const TABLES = [
  ...['principal', 'api_key', 'sign_in', 'sign_in_link', 'passkey'],
  ...['policy', 'access_request', 'decision', 'access_grant', 'session'],
];

/** Rows that are there already have none: they count once `authority adopt` gave them one. */
export async function authorityColumns(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob }: { readonly blob: 'blob' | 'bytea' },
): Promise<void> {
  for (const name of TABLES) await db.schema.alterTable(name).addColumn('mac', sql.raw(blob)).execute();
}
