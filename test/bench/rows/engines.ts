// Bulk writes into an engine: indexes dropped before and created after.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import pg from 'pg';
import { postgresPrograms } from '../../support/servers/postgres.ts';
import { type Batch, type Row, type SeededTable, TABLES, type Value } from './tables.ts';

export type RowEngine = 'sqlite' | 'postgres';

/** An engine that takes batches. */
export type BulkWriter = {
  readonly write: (batch: Batch) => Promise<void>;
  /** Sets the head of a seeded log, creates the indexes, and collects what the planner needs. */
  readonly finish: (log: string, size: number, mark: string) => Promise<void>;
};

const NAMES = Object.keys(TABLES) as SeededTable[];
const columnsOf = (table: SeededTable): string => TABLES[table].map((column) => `"${column}"`).join(', ');

/** Prepared inserts in one transaction a batch. The file is not durable until `finish`. */
export function sqliteWriter(path: string): BulkWriter {
  const db = new SqliteFile(path);
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -1000000');
  const listed = `('${NAMES.join("','")}')`;
  const indexes = db
    .prepare(`select name, sql from sqlite_schema where type = 'index' and sql is not null and tbl_name in ${listed}`)
    .all() as { name: string; sql: string }[];
  // Dropping an index deletes its statistics.
  const statistics = db.prepare('select tbl, idx, stat from sqlite_stat1').all();
  for (const { name } of indexes) db.exec(`drop index "${name}"`);
  const inserts = NAMES.map((table) => {
    const values = TABLES[table].map(() => '?').join(', ');
    return [table, db.prepare(`insert into "${table}" (${columnsOf(table)}) values (${values})`)] as const;
  });
  return {
    write: async (batch) => {
      db.exec('begin');
      for (const [table, insert] of inserts) for (const row of batch[table]) insert.run(row);
      db.exec('commit');
    },
    finish: async (log, size, mark) => {
      db.prepare('update audit_head set size = ?, mark = ? where log = ?').run(size, mark, log);
      db.pragma('temp_store = FILE');
      for (const { sql } of indexes) db.exec(sql);
      db.exec('delete from sqlite_stat1');
      const insert = db.prepare('insert into sqlite_stat1 (tbl, idx, stat) values (@tbl, @idx, @stat)');
      db.transaction(() => {
        for (const line of statistics) insert.run(line);
      })();
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}

/** COPY by psql, a process for each table. */
export async function postgresWriter(url: string): Promise<BulkWriter> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const listed = `('${NAMES.join("','")}')`;
  const { rows: indexes } = await client.query<{ name: string; sql: string }>(
    `select indexname as name, indexdef as sql from pg_indexes where schemaname = 'public' and tablename in ${listed}
      and indexname not in (select conname from pg_constraint)`,
  );
  for (const { name } of indexes) await client.query(`drop index "${name}"`);
  const psql = join(postgresPrograms() ?? '', 'psql');
  const copies = NAMES.map((table) => {
    const copy = `copy "${table}" (${columnsOf(table)}) from stdin`;
    const child = spawn(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', url, '-c', copy], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    return [table, child, once(child, 'close')] as const;
  });
  return {
    write: async (batch) => {
      for (const [table, { stdin }] of copies) {
        if (batch[table].length === 0) continue;
        if (!stdin.write(batch[table].map(copyLine).join(''))) await once(stdin, 'drain');
      }
    },
    finish: async (log, size, mark) => {
      for (const [table, { stdin }, closed] of copies) {
        stdin.end();
        const [code] = (await closed) as [number];
        if (code !== 0) throw new Error(`COPY into ${table} ended with ${code}`);
      }
      await client.query('update audit_head set size = $1, mark = $2 where log = $3', [size, mark, log]);
      await client.query("set maintenance_work_mem = '512MB'");
      for (const { sql } of indexes) await client.query(sql);
      await client.query('vacuum analyze');
      await client.end();
    },
  };
}

/**
 * Reads the tables and indexes of lists and searches into the server's buffers, as in a server that has run for a while, and
 * writes what seeding left to write.
 */
export async function warmPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('checkpoint');
    await client.query('create extension if not exists pg_prewarm');
    await client.query(`select pg_prewarm(oid::regclass) from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')
        and relname ~ '^(recording|blind_index_listed|deposit|access_|request_|grant_|decision|session|sign_in)'`);
  } finally {
    await client.end();
  }
}

function copyLine(row: Row): string {
  return `${row.map(copyValue).join('\t')}\n`;
}

function copyValue(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string')
    return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`;
  return /[\\\t\n\r]/.test(value) ? value.replace(/[\\\t\n\r]/g, (c) => ESCAPES[c] ?? c) : value;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
