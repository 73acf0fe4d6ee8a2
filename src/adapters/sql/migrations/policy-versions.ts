// The change that brought a version of a policy. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Null for a tenant's first version, and for what a command did at once: so their MACs stay valid. */
export async function policyVersions(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  await db.schema.alterTable('policy').addColumn('change', sql.raw(text)).execute();
}
