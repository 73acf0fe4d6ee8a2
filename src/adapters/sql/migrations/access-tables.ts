// Columns and indexes for decisions, access states and filtered lists. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/**
 * A grant names who revoked it, a decision its scope. The filters of the list of recordings are columns of its index, so
 * that a page never reads rows that it leaves out.
 */
export async function accessTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: string; readonly text: string },
): Promise<void> {
  const grant = () => db.schema.alterTable('access_grant');
  await grant().addColumn('revoked_at', sql.raw(text)).execute();
  await grant().addColumn('revoked_by', sql.raw(text)).execute();
  await grant().addColumn('revoked_words', sql.raw(blob)).execute();
  await db.schema.alterTable('decision').addColumn('minutes', 'integer').execute();
  await db.schema.alterTable('decision').addColumn('objects', sql.raw(text)).execute();

  const index = (name: string, table: string, columns: readonly string[]) =>
    db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute();
  const filtered = ['state', 'described', 'quarantine', 'direction', 'language', 'duration_ms'];
  await index('recording_listed', 'recording', ['tenant', 'started_at', 'id', ...filtered]);
  // A prefix of the new index.
  await db.schema.dropIndex('recording_started').execute();
  await index('request_requester', 'access_request', ['tenant', 'requester', 'id']);
  await index('request_state', 'access_request', ['tenant', 'state', 'id']);
  await index('grant_person', 'access_grant', ['tenant', 'person', 'id']);
  await index('session_principal', 'session', ['tenant', 'principal', 'opened']);
}
