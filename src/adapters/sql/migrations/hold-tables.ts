// Legal holds, and the recordings in each. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * An erasure asks for the holds of its recording, and whether one of the tenant is being placed or damaged; a deposit
 * for those that cover by rule what comes later; background work for what is not settled, and for recordings that no
 * entry covers yet.
 */
export async function holdTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`create table hold (tenant ${text} not null, id ${text} not null, state ${text} not null,
    version integer not null, created ${text} not null, note ${blob}, scope ${blob}, continuing integer not null,
    review ${text} not null, placed_by ${text} not null, lifted ${text}, lifted_by ${text}, damaged integer not null,
    reached ${text} not null, settled integer not null, constraint hold_key primary key (tenant, id))`);
  await run(`create table hold_recording (tenant ${text} not null, hold ${text} not null, recording ${text} not null,
    covered integer not null, lifted integer not null,
    constraint hold_recording_key primary key (tenant, hold, recording))`);
  await run("create index hold_blocking on hold (tenant, id) where state = 'PLACING' or damaged = 1");
  await run("create index hold_ruled on hold (tenant, id) where state <> 'LIFTED' and scope is not null");
  await run('create index hold_unsettled on hold (tenant, id) where settled = 0');
  await run('create index hold_recording_of on hold_recording (tenant, recording, hold) where lifted = 0');
  await run(
    'create index hold_recording_uncovered on hold_recording (tenant, hold, recording) where covered = 0 and lifted = 0',
  );
  if (blob === 'blob') await fixStatistics(db);
}
