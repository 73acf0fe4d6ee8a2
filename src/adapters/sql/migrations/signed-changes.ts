// Where the log has a proposal, which its proposer and its approver sign. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Empty in older rows, whose MACs stay valid: no one can sign these, so no one approves them. */
export async function signedChanges(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, bigint, text }: { readonly blob: string; readonly bigint: string; readonly text: string },
): Promise<void> {
  for (const [column, type] of [
    ['leaf_index', bigint],
    ['leaf_hash', blob],
    ['signed', text],
  ])
    await sql.raw(`alter table change add column ${column} ${type}`).execute(db);
}
