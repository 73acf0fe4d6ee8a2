// Sources of calls and the services that they belong to. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** Sources of before are bound by their next deposit: nothing is read or written for them here. */
export async function sourceTable(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`alter table tenant add column sources ${text} not null default '{}'`);
  await run(`create table source (tenant ${text} not null, name ${text} not null, use ${text} not null,
    service ${text} not null, since ${text} not null, constraint source_key primary key (tenant, name, use, service))`);
  await run(`create unique index source_depositor on source (tenant, name) where use = 'deposits'`);
  if (blob === 'blob') await fixStatistics(db);
}
