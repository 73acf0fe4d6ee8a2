// The MAC column of each row that grants access. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

const TABLES = [
  ...['principal', 'api_key', 'sign_in', 'sign_in_link', 'passkey'],
  ...['policy', 'access_request', 'decision', 'access_grant', 'session'],
];

/** Existing rows have none: they count once `authority adopt` added it. */
export async function authorityColumns(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob }: { readonly blob: 'blob' | 'bytea' },
): Promise<void> {
  for (const name of TABLES) await db.schema.alterTable(name).addColumn('mac', sql.raw(blob)).execute();
}
