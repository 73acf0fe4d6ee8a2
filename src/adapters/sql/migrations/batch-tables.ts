// Batches of assigned grants. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * A grant belongs to a request or to a batch: its request may be null from now on. Reviewers read their queue by due, and
 * what they finished; a batch and a recording find their assigned grants.
 */
export async function batchTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`create table batch (tenant ${text} not null, id ${text} not null, state ${text} not null,
    version integer not null, created ${text} not null, maker ${text} not null, purpose ${text} not null,
    objects ${text} not null, due ${text} not null, policy ${text} not null, proof ${text} not null,
    words ${blob} not null, closed ${text}, mac ${blob}, constraint batch_key primary key (tenant, id))`);
  await run(`create index batch_open on batch (due) where state = 'OPEN'`);

  if (blob === 'blob') {
    // SQLite cannot drop a constraint of a column: a new one takes its place.
    await run('drop index grant_request');
    await run(`alter table access_grant add column asked ${text}`);
    await run('update access_grant set asked = request');
    await run('alter table access_grant drop column request');
    await run('alter table access_grant rename column asked to request');
    await run('create unique index grant_request on access_grant (tenant, request)');
  } else await run('alter table access_grant alter column request drop not null');
  for (const column of [`batch ${text}`, `done ${text}`, `done_words ${blob}`])
    await run(`alter table access_grant add column ${column}`);
  const assigned = 'where batch is not null';
  await run(`create index grant_batch on access_grant (tenant, batch) ${assigned}`);
  await run(`create index grant_assigned on access_grant (tenant, recording, person) ${assigned}`);
  await run(`create index grant_queue on access_grant (tenant, person, opens_until, id) ${assigned}`);
  await run('create index grant_done on access_grant (tenant, person, done, id) where done is not null');
  if (blob === 'blob') await fixStatistics(db);
}
