// Teams with their members and queues, and the queue of each recording. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';
import { fixStatistics } from './fixed-statistics.ts';

/**
 * A recording's queue is the blind index of its name, empty for none; background work fills it for recordings that are
 * there already, which it finds by `recording_unfilled`. A list merges one scan of `recording_queue` a queue; the index
 * has all that a filter looks at.
 */
export async function teamTables(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob, text }: { readonly blob: 'blob' | 'bytea'; readonly text: string },
): Promise<void> {
  const make = async (name: string, key: readonly string[], columns: Readonly<Record<string, string>>) => {
    let create = db.schema.createTable(name).addColumn('mac', sql.raw(blob));
    for (const [column, type] of Object.entries({ tenant: text, ...columns }))
      create = create.addColumn(column, sql.raw(type), (built) => built.notNull());
    await create.addPrimaryKeyConstraint(`${name}_key`, ['tenant', ...key] as never[]).execute();
  };
  await make('team', ['id'], { id: text, state: text, version: 'integer', created: text, name: blob });
  await make('team_member', ['team', 'person'], { team: text, person: text, lead: 'integer' });
  await make('team_queue', ['team', 'queue'], { team: text, queue: blob, name: blob });
  await db.schema.createIndex('team_member_person').on('team_member').columns(['tenant', 'person']).execute();

  await db.schema.alterTable('recording').addColumn('queue', sql.raw(blob)).execute();
  const filtered = 'state, described, quarantine, direction, language, duration_ms';
  await sql
    .raw(
      `create index recording_queue on recording (tenant, queue, started_at, id, ${filtered}) where queue is not null`,
    )
    .execute(db);
  await sql`create index recording_unfilled on recording (tenant, id)
    where queue is null and state in ('EXPECTED', 'AVAILABLE')`.execute(db);
  if (blob === 'blob') await fixStatistics(db);
}
