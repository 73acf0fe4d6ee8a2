// Indexes that answer filtered lists, counts and look-ups at a million recordings. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * The indexes of filtered lists contain every column that a filter looks at: a page that leaves out many recordings
 * never reads their rows. The others serve lists and look-ups that read all rows of a person or a tenant.
 */
export async function coveringIndexes(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob }: { readonly blob: 'blob' | 'bytea' },
): Promise<void> {
  const index = (name: string, on: string, columns: string, condition = '') =>
    sql.raw(`create index ${name} on ${on} (${columns})${condition === '' ? '' : ` where ${condition}`}`).execute(db);
  const page = 'started_at, id, state, described, quarantine';
  for (const name of ['language', 'direction', 'quarantined', 'erased', 'expected'])
    await db.schema.dropIndex(`recording_${name}`).execute();
  await index('recording_language', 'recording', `tenant, language, ${page}, direction, duration_ms`);
  await index('recording_direction', 'recording', `tenant, direction, ${page}, language, duration_ms`);
  await index('recording_length', 'recording', `tenant, duration_ms, ${page}, direction, language`);
  const few = `tenant, ${page}, direction, language, duration_ms`;
  await index('recording_quarantined', 'recording', few, "state = 'AVAILABLE' and quarantine <> ''");
  await index('recording_erased', 'recording', few, "state in ('ERASING', 'ERASED')");
  await index('recording_expected', 'recording', few, "state = 'EXPECTED'");

  await db.schema.dropIndex('request_requester').execute();
  await index('request_requester', 'access_request', 'tenant, requester, id, state, created, recording');
  await index('request_waiting', 'access_request', 'tenant, requester, id', "state = 'REQUESTED'");
  await index('grant_live', 'access_grant', 'tenant, person, id', "state in ('APPROVED', 'CONSUMED')");
  await index('sign_in_seen', 'sign_in', 'tenant, principal, seen');

  await index('object_heads', 'object', 'tenant, heads');
  await index('wrapped_key_counted', 'wrapped_key', 'tenant, scheme, key_id, wrap, deposit, envelope_wrap');
  if (blob === 'blob') await fixStatistics(db);
}
