// Retention: what a recording's row knows of its lifetime, rules, profiles, events of calls, and expiry. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * Expiry finds candidates by `recording_expiry`, whose conditions are the literals of its query. A preview counts by
 * `recording_profile`, and reads the rows of `recording_minimum` one by one. Recordings of earlier versions have no
 * `erase_after`: nothing expires before rules are applied.
 */
export async function retentionTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const make = async (
    name: string,
    key: readonly string[],
    columns: Readonly<Record<string, string>>,
    optional: Readonly<Record<string, string>> = {},
  ) => {
    let create = db.schema.createTable(name);
    for (const [column, type] of Object.entries({ tenant: text, ...columns }))
      create = create.addColumn(column, sql.raw(type), (built) => built.notNull());
    for (const [column, type] of Object.entries(optional)) create = create.addColumn(column, sql.raw(type));
    await create.addPrimaryKeyConstraint(`${name}_key`, ['tenant', ...key] as never[]).execute();
  };
  const add = async (column: string, type: string): Promise<void> => {
    await db.schema.alterTable('recording').addColumn(column, sql.raw(type)).execute();
  };
  await add('keep_until', text);
  await add('erase_after', text);
  await add('ruled', text);
  await add('profile', blob);
  await add('restricted', text);
  await add('holds', 'integer not null default 0');
  await db.schema.alterTable('tenant').addColumn('retention', sql.raw(text)).execute();

  await make('retention', ['id'], { id: text, created: text, body: blob }, { change: text, mac: blob });
  await make('profile', ['id'], { id: blob, attributes: blob });
  await make('recording_event', ['recording', 'name'], { recording: text, name: text, at: text });
  await make(
    'expiry',
    [],
    { state: text, version: 'integer', day: text, erased: 'integer' },
    { since: text, actor: text, applying: text, swept: text, most: 'integer' },
  );

  const living = "state in ('EXPECTED', 'AVAILABLE')";
  for (const index of [
    `recording_expiry on recording (tenant, erase_after, id) where ${living} and holds = 0 and restricted is null and erase_after is not null`,
    `recording_profile on recording (tenant, profile, started_at, id) where ${living} and profile is not null and retain_until is null`,
    `recording_kept on recording (tenant, id) where ${living} and (holds > 0 or restricted is not null)`,
    `recording_minimum on recording (tenant, id) where ${living} and retain_until is not null`,
  ])
    await sql.raw(`create index ${index}`).execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
