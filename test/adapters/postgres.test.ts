// The PostgreSQL adapter: errors of rejected, closed and busy connections, and required server settings.
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import type { Database } from '../../src/ports/database.ts';
import {
  changeWithEvent,
  deposit,
  gate,
  insertRows,
  ORIGIN,
  session,
  testClock,
  wait,
} from '../support/fixture-rows.ts';
import { needs } from '../support/needs.ts';
import { type PostgresDatabase, postgresDatabase, withOtherConnection } from '../support/postgres-database.ts';
import { freePort } from '../support/servers/process.ts';

const { present, reason } = needs('postgresql');
const options = { clock: testClock().of(0), identity: { origin: ORIGIN, node: 'node-1' }, witness: false };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(tested: PostgresDatabase, connections?: number): Promise<Database> {
  const db = await openPostgres(tested.url, { ...options, ...(connections === undefined ? {} : { connections }) });
  closing.push(() => db.close());
  return db;
}

/** An error's message with all its causes. */
function told(error: unknown): string {
  return inspect(error, { depth: 10 });
}

describe.skipIf(!present)(`PostgreSQL ${reason}`, () => {
  it('that is down is database_unavailable, and the error does not contain its address', async () => {
    const url = `postgres://somebody:secretword@127.0.0.1:${await freePort()}/vault`;
    const error: unknown = await openPostgres(url, options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'database_unavailable', retryAfter: 5 });
    expect(told(error)).not.toMatch(/secretword|somebody/);
  });

  it('starts no other processes for a query, and compiles none', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const { query } = pg.Client.prototype;
    const settings: unknown[] = [];
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      const send = (...sent: unknown[]) => (query as (...all: unknown[]) => Promise<pg.QueryResult>).apply(this, sent);
      const first = args[0];
      // In the transaction of a read of the port, after its first statement.
      if (first === 'commit')
        void send(
          "select name, setting from pg_settings where name in ('jit', 'max_parallel_workers_per_gather')",
        ).then(({ rows }) => settings.push(...rows));
      return send(...args);
    } as typeof query;
    try {
      const db = await opened(tested);
      settings.length = 0;
      await db.read(({ tenants }) => tenants.all(), wait);
      await expect.poll(() => settings).toHaveLength(2);
    } finally {
      pg.Client.prototype.query = query;
    }
    expect(settings).toEqual([
      { name: 'jit', setting: 'off' },
      { name: 'max_parallel_workers_per_gather', setting: '0' },
    ]);
  });

  it('orders texts by bytes', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    await opened(tested);
    const columns = await withOtherConnection(tested.url, (client) =>
      client.query<{ collation_name: string | null }>(`select collation_name from information_schema.columns
        where table_schema = 'public' and table_name not like 'kysely%' and data_type = 'text'`),
    );
    expect(columns.rows.length).toBeGreaterThan(80);
    expect(new Set(columns.rows.map((row) => row.collation_name))).toEqual(new Set(['C']));
  });

  it.each([
    ['acknowledges before it has written', 'set synchronous_commit = off', 'synchronous_commit'],
    ['keeps text in Latin-1', null, 'UTF8'],
  ])('that %s is config_invalid', async (_, setting, named) => {
    const tested = await postgresDatabase({ tables: 'none' });
    const name = new URL(tested.url).pathname.slice(1);
    let { url } = tested;
    if (setting !== null) await tested.run(`alter database ${name} ${setting}`);
    else {
      await tested.run(`create database ${name}_l1 template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'`);
      url = `${url}_l1`;
    }
    await expect(openPostgres(url, options)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(named) as string,
    });
  });

  it('prepares its statements again after another process has migrated the tables', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const db = await opened(tested, 2);
    await insertRows(db);
    const find = () => db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait);
    const both = await Promise.all([find(), find()]);
    await tested.run('alter table session add column later text');
    expect(await Promise.all([find(), find()])).toEqual(both);
    const note = () => db.note((notes) => notes.sessions.count(session, { bytes: 1, servedRange: null }), wait);
    expect(await note()).toEqual({ before: null, heard: null });
  });

  it('reads integers as numbers without changing other clients', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const db = await opened(tested);
    await insertRows(db);
    const read = await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait);
    expect(read?.bytes).toBe(0);
    const plain = await withOtherConnection(tested.url, (client) =>
      client.query<{ bytes: unknown }>('select bytes from session'),
    );
    expect(plain.rows[0]?.bytes).toBe('0');
  });

  it('throws database_busy when a row or a connection is locked for too long', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const db = await opened(tested);
    const narrow = await opened(tested, 1);
    await insertRows(db);
    const [held, holding, full] = [gate(), gate(), gate()];
    const holder = changeWithEvent(db, async (tx) => {
      await tx.deposits.lock('ten_a', 'dep_a');
      holding.open();
      await held.passed;
    });
    await holding.passed;
    const begun = performance.now();
    const reader = narrow.read(async () => {
      full.open();
      await held.passed;
    }, wait);
    await full.passed;
    const busy = { code: 'database_busy', retryAfter: 2 };
    await Promise.all([
      expect(changeWithEvent(db, (tx) => tx.deposits.lock('ten_a', 'dep_a'))).rejects.toMatchObject(busy),
      expect(narrow.read((rows) => rows.now(), wait)).rejects.toMatchObject(busy),
    ]);
    expect(performance.now() - begun).toBeGreaterThan(4_500);
    expect(performance.now() - begun).toBeLessThan(60_000);
    held.open();
    await Promise.all([holder, reader]);
    await changeWithEvent(db, (tx) => tx.deposits.lock('ten_a', 'dep_a'));
    await narrow.read((rows) => rows.now(), wait);
  });

  it('does not wait for a connection after the signal has fired', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const db = await opened(tested, 1);
    const [held, full] = [gate(), gate()];
    const reader = db.read(async () => {
      full.open();
      await held.passed;
    }, wait);
    await full.passed;
    const begun = performance.now();
    const signal = AbortSignal.timeout(50);
    await expect(db.read((rows) => rows.now(), { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - begun).toBeLessThan(20_000);
    held.open();
    await reader;
    await db.read((rows) => rows.now(), wait);
  });

  it('throws database_unavailable when a connection closes during a change, and stores nothing of it', async () => {
    const tested = await postgresDatabase({ tables: 'none' });
    const db = await opened(tested);
    await insertRows(db);
    // Opens several connections, of which all but one become idle.
    await Promise.all([1, 2, 3].map(() => db.read((rows) => rows.now(), wait)));
    let runs = 0;
    const change = changeWithEvent(db, async (tx) => {
      runs++;
      await tx.deposits.change(deposit, { state: 'ABORTING' });
      await tested.run(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      await sleep(100);
      await tx.deposits.lock('ten_a', 'dep_a');
    });
    const error: unknown = await change.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'database_unavailable', retryAfter: 5 });
    expect(told(error)).not.toMatch(/terminat|administrator/);
    expect(runs).toBe(1);
    // Idle connections were closed, too, and the process survived.
    expect(await db.read((rows) => rows.deposits.find('ten_a', 'dep_a'), wait)).toEqual(deposit);
  });
});
