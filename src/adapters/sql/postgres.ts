// PostgreSQL: a connection pool, with the same queries and migrations as SQLite.
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_MIGRATION_TABLE, Kysely, Migrator, sql } from 'kysely';
import pg from 'pg';
import { hasCode, VaultError } from '../../errors.ts';
import type { Database } from '../../ports/database.ts';
import type { Connection } from './connection.ts';
import { createDatabase, type DatabaseEngine, type DatabaseOptions } from './database.ts';
import { editingOnPostgres } from './log-editing.ts';
import { migrationsFor } from './migrations/migrations.ts';
import { pendingMigrations } from './migrations/schema-version.ts';
import { FilePasswordClient } from './password-file.ts';
import { poolDialect } from './pool-dialect.ts';
import { type PostgresTransaction, transactionOn } from './postgres-connection.ts';
import { isDenied, isInsertRace, isRepeatable, toDatabaseError } from './postgres-errors.ts';
import { purgeDeleted } from './postgres-purge.ts';
import { userRights } from './user-rights.ts';

/**
 * Options for opening. `connections`: maximum number, 10 by default. `witness`: false where the clock is not meant to agree
 * with the server's, as in tests that set it.
 */
export type PostgresOptions = DatabaseOptions & { readonly connections?: number; readonly witness?: boolean };

/** Maximum wait for a lock, and for a free connection. */
const LOCK_TIMEOUT_MS = 5_000;
/** Statement timeout on the server, and the client's limit for a server that does not answer. */
const STATEMENT_TIMEOUT_MS = 15_000;
const QUERY_TIMEOUT_MS = 20_000;
/** A migration waits longer for running work. */
const MIGRATION_MS = 60_000;

const MAX_RETRIES = 6;

/** A query reads a page: starting other processes, or compiling its plan, takes longer than that. */
export const SESSION_SETTINGS = 'set max_parallel_workers_per_gather = 0; set jit = off';

/**
 * Opens the database at `url`, and migrates its tables if they are older and its user owns them. Throws
 * `database_unavailable`, or `config_invalid` where the server acknowledges commits before they are on disk or does not
 * store text as UTF-8, or where the tables are of another version and cannot be migrated.
 */
export async function openPostgres(url: string, options: PostgresOptions): Promise<Database> {
  try {
    await migrate(url);
  } catch (error) {
    if (hasCode(error, 'config_invalid')) throw error;
    if (isDenied(error)) throw new VaultError('config_invalid', NO_RIGHTS, { cause: error });
    throw new VaultError('database_unavailable', 'the database cannot be opened', { cause: error, retryAfter: 5 });
  }
  const pool = poolOf({
    connectionString: url,
    max: options.connections ?? 10,
    idleTimeoutMillis: 30_000,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    pipeline: true,
  });
  // Sent before the connection's first statement. One that fails is discarded at its first use.
  pool.on('connect', (client) => void client.query(SESSION_SETTINGS).catch(() => undefined));
  const engine: DatabaseEngine = {
    read: (work) => retryTransaction(() => readIn(pool, work)),
    write: (work) => retryTransaction(() => writeIn(pool, work)),
    // The connection converts its errors: what remains is the work's own.
    translate: (error) => error,
    forget: () => purgeDeleted(poolOf({ connectionString: url, max: 1, lock_timeout: LOCK_TIMEOUT_MS })),
    editingLog: editingOnPostgres,
    witness: options.witness ?? true,
    userRights: (use) => userRights(poolOf({ connectionString: url, max: 1 }), use),
    close: () => pool.end(),
  };
  return createDatabase(engine, options);
}

async function readIn<T>(pool: pg.Pool, work: (db: Connection) => Promise<T>): Promise<T> {
  const transaction = await acquire(pool);
  transaction.begin('isolation level repeatable read read only');
  return inTransaction(transaction, work, () => transaction.end());
}

async function writeIn<T>(pool: pg.Pool, work: (db: Connection) => Promise<T>): Promise<T> {
  const transaction = await acquire(pool);
  transaction.begin('isolation level read committed read write');
  return inTransaction(transaction, work, () => transaction.commit());
}

async function inTransaction<T>(
  transaction: PostgresTransaction,
  work: (db: Connection) => Promise<T>,
  finish: () => void | Promise<void>,
): Promise<T> {
  try {
    const result = await work(transaction);
    await finish();
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  } finally {
    transaction.release();
  }
}

async function acquire(pool: pg.Pool): Promise<PostgresTransaction> {
  try {
    return transactionOn(await pool.connect());
  } catch (error) {
    throw toDatabaseError(error);
  }
}

function poolOf(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    Client: FilePasswordClient,
    application_name: 'callvault',
    connectionTimeoutMillis: LOCK_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser: (oid: number, format) => (oid === INT8 ? toNumber : pg.types.getTypeParser(oid, format)) },
  });
  // A dying connection emits an event, which would end the process without a listener; the next statement on it fails,
  // and the pool creates another.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

const INT8 = 20;

/** Counts and sizes are far from 2^53. */
function toNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new VaultError('internal', 'an integer exceeds 2^53');
  return number;
}

/** Repeats a transaction after a failure that leaves nothing, and once after a conflict with a key that it could not see. */
async function retryTransaction<T>(transaction: () => Promise<T>): Promise<T> {
  let met = false;
  for (let undone = 0; ; ) {
    try {
      return await transaction();
    } catch (error) {
      if (isInsertRace(error) && !met) {
        met = true;
      } else if (isRepeatable(error) && undone < MAX_RETRIES) {
        undone++;
        await sleep(Math.random() * 10 * 2 ** undone);
      } else {
        throw error;
      }
    }
  }
}

const NO_RIGHTS = 'the database user may not read the tables: run docs/operations/postgres-users.sql';

const OLDER_TABLES = (pending: readonly string[]): string =>
  `the tables lack migration ${pending.join(', ')}, and the database user does not own them: run callvault doctor --operator once as their owner`;

/** Uses a separate connection without the usual timeouts. Kysely's lock serializes processes. */
async function migrate(url: string): Promise<void> {
  const pool = poolOf({ connectionString: url, max: 1, lock_timeout: MIGRATION_MS });
  const alone = new Kysely<Record<string, Record<string, unknown>>>({ dialect: poolDialect(pool) });
  try {
    await alone.connection().execute(async (db) => {
      await requireDurable(db);
      const provider = migrationsFor({ blob: 'bytea', bigint: 'bigint', text: 'text collate "C"' });
      const pending = await pendingMigrations(db, Object.keys(await provider.getMigrations()));
      if (pending.length === 0) return;
      if (!(await mayMigrate(db))) throw new VaultError('config_invalid', OLDER_TABLES(pending));
      const { error } = await new Migrator({ db, provider }).migrateToLatest();
      if (error !== undefined) throw error;
    });
  } finally {
    await alone.destroy();
  }
}

/** Whether the user may change tables: it owns the one of migrations, or there is none and it may create it. */
async function mayMigrate(db: Kysely<Record<string, Record<string, unknown>>>): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select coalesce((select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass(${DEFAULT_MIGRATION_TABLE})),
      has_schema_privilege(current_schema(), 'create')) as may`.execute(db);
  return rows[0]?.may === true;
}

async function requireDurable(db: Kysely<Record<string, Record<string, unknown>>>): Promise<void> {
  const settings = ['fsync', 'synchronous_commit', 'server_encoding'] as const;
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name in (${sql.join(settings)})`.execute(db);
  const values = new Map(rows.map(({ name, setting }) => [name, setting]));
  if (values.get('fsync') === 'off' || values.get('synchronous_commit') === 'off') {
    throw new VaultError('config_invalid', 'PostgreSQL must have fsync and synchronous_commit on');
  }
  if (values.get('server_encoding') !== 'UTF8')
    throw new VaultError('config_invalid', 'the database encoding must be UTF8');
}
