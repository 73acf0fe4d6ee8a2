// Erasure in each engine: what SQLite's files hold afterwards, what a role of PostgreSQL needs, and details of older rows.
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { Kysely, Migrator, PostgresDialect, SqliteDialect } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { migrationsFor } from '../../src/adapters/sql/migrations/migrations.ts';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { changeWithEvent, ORIGIN, recording, testClock, wait } from '../support/fixture-rows.ts';
import { wrappedKeyRow } from '../support/more-fixture-rows.ts';
import { needs } from '../support/needs.ts';
import { postgresDatabase, withOtherConnection } from '../support/postgres-database.ts';
import { sqliteDatabase } from '../support/sqlite-database.ts';

const { present, reason } = needs('postgresql');

/** The database files that contain these bytes. */
async function holding(path: string, bytes: Buffer): Promise<string[]> {
  const names = await readdir(dirname(path));
  const found = names.map(async (name) => ((await readFile(join(dirname(path), name))).includes(bytes) ? [name] : []));
  return (await Promise.all(found)).flat().sort();
}

const EVENTS: readonly [object: object, recording: string | null][] = [
  [{ type: 'request', id: 'req_a', recording: 'rec_a' }, 'rec_a'],
  [{ type: 'recording', id: 'rec_b' }, 'rec_b'],
  [{ type: 'catalogue', id: 'ten_a', by: 'number' }, null],
];

/** A database of an earlier version: an event with its detail for each of `EVENTS`. */
async function older(dialect: SqliteDialect | PostgresDialect, types: Parameters<typeof migrationsFor>[0]) {
  const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect });
  const { error } = await new Migrator({ db, provider: migrationsFor(types) }).migrateTo('0004-keys');
  expect(error).toBeUndefined();
  for (const [seq, [object]] of EVENTS.entries()) {
    const leaf = Buffer.from(JSON.stringify({ v: 1, object }));
    await db
      .insertInto('audit_event')
      .values({ log: 'ten_a', seq, id: `evt_${seq}`, leaf, hash: leaf })
      .execute();
    await db.insertInto('audit_detail').values({ log: 'ten_a', seq, salt: leaf, sealed: leaf }).execute();
  }
  await db.destroy();
}

const named = (rows: unknown): unknown[] =>
  (rows as { seq: number; recording: string | null }[])
    .sort((a, b) => Number(a.seq) - Number(b.seq))
    .map((row) => row.recording);

describe('purged data', () => {
  it('is in no file of the SQLite database, including the write-ahead log', async () => {
    const tested = await sqliteDatabase();
    const db = await tested.open();
    const [key, facts] = [randomBytes(108), randomBytes(30_000)];
    await changeWithEvent(db, async (tx) => {
      await tx.wrappedKeys.insert({ ...wrappedKeyRow, wrapped: key });
      await tx.recordings.insert({ ...recording, facts });
    });
    const piece = facts.subarray(20_000, 20_064);
    expect(await holding(tested.path, key)).toEqual(['vault.db-wal']);
    await db.forget(wait);
    expect(await holding(tested.path, key)).toEqual(['vault.db']);
    expect(await holding(tested.path, piece)).toEqual(['vault.db']);
    await changeWithEvent(db, async (tx) => {
      await tx.wrappedKeys.delete('ten_a', 'dep_a');
      await tx.recordings.change(recording, { facts: null });
    });
    expect(await holding(tested.path, key)).toEqual(['vault.db']);
    expect(await db.forget(wait)).toBe('overwritten');
    expect(await holding(tested.path, key)).toEqual([]);
    expect(await holding(tested.path, piece)).toEqual([]);
    await db.close();
    await tested.remove();
  });
});

describe('details of events written before they named their recording', () => {
  it('name it after the migration on SQLite', async () => {
    const tested = await sqliteDatabase({ tables: 'none' });
    const database = new SqliteFile(tested.path);
    await older(new SqliteDialect({ database }), { blob: 'blob', bigint: 'integer', text: 'text' });
    await (await tested.open()).close();
    expect(named((await tested.everything())['audit_detail'])).toEqual(EVENTS.map(([, of]) => of));
    await tested.remove();
  });

  it.skipIf(!present)(`know it on PostgreSQL ${reason}`, async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const pool = new pg.Pool({ connectionString: tested.url, max: 1 });
    const types = { blob: 'bytea', bigint: 'bigint', text: 'text collate "C"' } as const;
    await older(new PostgresDialect({ pool }), types);
    await (await tested.open()).close();
    expect(named((await tested.everything())['audit_detail'])).toEqual(EVENTS.map(([, of]) => of));
  });
});

describe.skipIf(!present)(`a role of PostgreSQL that may make no checkpoint ${reason}`, () => {
  it('frees deleted rows all the same, and reports what remains', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const name = new URL(tested.url).pathname.slice(1);
    await tested.run(`create role ${name} login`);
    await tested.run(`alter database ${name} owner to ${name}`);
    await tested.run(`grant all on schema public to ${name}`);
    const url = new URL(tested.url);
    url.username = name;
    const identity = { origin: ORIGIN, node: 'node-1' };
    const db = await openPostgres(url.href, { clock: testClock().of(0), identity, witness: false });
    await changeWithEvent(db, (tx) => tx.wrappedKeys.insert(wrappedKeyRow));
    await changeWithEvent(db, (tx) => tx.wrappedKeys.delete('ten_a', 'dep_a'));
    expect(await db.forget(wait)).toBe('freed-wal-kept');
    const left = await withOtherConnection(tested.url, (client) =>
      client.query<{ pages: number }>("select pg_relation_size('wrapped_key') / 8192 as pages"),
    );
    // An empty table has no pages.
    expect(Number(left.rows[0]?.pages)).toBe(0);
    await db.close();
  });

  it('and may not vacuum either, because another role owns the tables, reports that they wait', async () => {
    const tested = await postgresDatabase();
    await (await tested.open()).close();
    const name = `${new URL(tested.url).pathname.slice(1)}_other`;
    await tested.run(`create role ${name} login`);
    await tested.run(`grant select, insert, update, delete on all tables in schema public to ${name}`);
    const url = Object.assign(new URL(tested.url), { username: name });
    const db = await openPostgres(url.href, {
      clock: testClock().of(0),
      identity: { origin: ORIGIN, node: 'node-1' },
      witness: false,
    });
    expect(await db.forget(wait)).toBe('kept-until-vacuum');
    await db.close();
  });
});
