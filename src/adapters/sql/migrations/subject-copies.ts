// Copies that two people approved for an officer, until an end. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** Decisions of older versions name no officer: their copies are approved again. */
export async function subjectCopies(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`alter table subject_request add column copies ${blob}`);
  await run(`alter table subject_request add column copies_by ${text}`);
  await run(
    'create index subject_request_copies on subject_request (tenant, id, copies_by) where copies_by is not null',
  );
  if (blob === 'blob') await fixStatistics(db);
}
