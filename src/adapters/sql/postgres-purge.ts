// Purging in PostgreSQL: frees old row versions and recycles the write-ahead log that contains them.
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, sql } from 'kysely';
import type pg from 'pg';
import type { Forgotten } from '../../ports/database.ts';
import { poolDialect } from './pool-dialect.ts';

type Db = Kysely<Record<string, Record<string, unknown>>>;

const VACUUMED = ['wrapped_key', 'deposit', 'comment', 'amendment'];

/** How long to wait for ordinary transactions; for longer readers the caller tries again. */
const LOCK_TIMEOUT_MS = 2_000;
const POLL_MS = 50;

/**
 * Frees deleted wrapped keys, the deposits that had them in an envelope until the store did, comments, and amendment
 * entries. Then closes the segment of the write-ahead log and lets the server reuse it; without the rights, as in
 * managed services, that happens in its own time; so does all of it where the user may not vacuum. Null while an older
 * transaction still sees them; other roles' transactions are visible only with pg_read_all_stats. Uses and ends a separate pool: a vacuum takes longer than the usual statement timeout.
 */
export async function purgeDeleted(pool: pg.Pool): Promise<Forgotten | null> {
  const alone: Db = new Kysely({ dialect: poolDialect(pool) });
  try {
    return await alone.connection().execute(async (db) => {
      // PostgreSQL passes over a table that the user may not vacuum, and reports no error.
      if (!(await mayVacuum(db))) return 'kept-until-vacuum';
      if (!(await areOlderTransactionsOver(db))) return null;
      await sql`vacuum ${sql.join(VACUUMED.map((table) => sql.table(table)))}`.execute(db);
      if (!(await mayCheckpoint(db))) return 'freed-wal-kept';
      await sql`select pg_switch_wal()`.execute(db);
      await sql`checkpoint`.execute(db);
      return 'freed';
    });
  } finally {
    await alone.destroy();
  }
}

/** Whether all earlier transactions have ended: a vacuum keeps rows that one of them may read. */
async function areOlderTransactionsOver(db: Db): Promise<boolean> {
  const { rows } = await sql<{ next: string }>`select pg_snapshot_xmax(pg_current_snapshot())::text as next`.execute(
    db,
  );
  const next = rows[0]?.next ?? '0';
  for (const giveUp = performance.now() + LOCK_TIMEOUT_MS; ; ) {
    const older =
      await sql`select 1 from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()
      and backend_xmin is not null and age(backend_xmin) > age(${next}::xid8::xid) limit 1`.execute(db);
    if (older.rows.length === 0) return true;
    if (performance.now() > giveUp) return false;
    await sleep(POLL_MS);
  }
}

/** Whether the user may vacuum: its owner may, and from PostgreSQL 17 on anyone with the privilege MAINTAIN. */
export async function mayVacuum(db: Db): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select bool_and(case when current_setting('server_version_num')::integer >= 170000
        then has_table_privilege(c.oid, 'maintain') else pg_has_role(c.relowner, 'usage') end) as may
    from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relname in (${sql.join(VACUUMED)})`.execute(
    db,
  );
  return rows[0]?.may === true;
}

/** Whether the role may close a segment and make a checkpoint: superusers, and roles granted both. */
async function mayCheckpoint(db: Db): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`select has_function_privilege('pg_switch_wal()', 'execute') and (
      current_setting('is_superuser') = 'on' or exists (
        select 1 from pg_roles where rolname = 'pg_checkpoint' and pg_has_role(oid, 'usage'))) as may`.execute(db);
  return rows[0]?.may === true;
}
