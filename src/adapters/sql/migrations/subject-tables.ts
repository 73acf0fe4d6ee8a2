// Subject requests, and the recordings that each found. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** An erasure asks whether an open request for access keeps its recording. */
export async function subjectTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`create table subject_request (tenant ${text} not null, id ${text} not null, kinds ${text} not null,
    state ${text} not null, version integer not null, round integer not null, created ${text} not null,
    received ${text} not null, due ${text} not null, extended ${text}, manager ${text} not null,
    person ${blob} not null, identified ${text}, evidence ${blob}, searched ${text}, change ${text},
    words ${blob}, ended ${text}, constraint subject_request_key primary key (tenant, id))`);
  await run(`create table subject_match (tenant ${text} not null, request ${text} not null, recording ${text} not null,
    outcome ${text}, done ${text}, holds integer not null, told ${blob},
    constraint subject_match_key primary key (tenant, request, recording))`);
  await run('create index subject_request_open on subject_request (tenant, id) where ended is null');
  await run('create index subject_match_holds on subject_match (tenant, recording, request) where holds = 1');
  if (blob === 'blob') await fixStatistics(db);
}
