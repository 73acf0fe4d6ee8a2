// Seals and tiles of the logs. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/** Published checkpoints by size; hashes of the tree's tiles above the leaves, which the events have already. */
export async function sealTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`create table audit_seal (log ${text} not null, size bigint not null, note ${text} not null,
    constraint audit_seal_key primary key (log, size))`);
  await run(`create table audit_tile (log ${text} not null, level integer not null, tile bigint not null,
    hashes ${blob} not null, constraint audit_tile_key primary key (log, level, tile))`);
  if (blob === 'blob') await fixStatistics(db);
}
