// The PostgreSQL adapter: lost and refused connections, a COMMIT without answer, waiting, restarts, and what it asks of a server.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { VaultError } from '../../src/errors.ts';
import { logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log-check.ts';
import type { Database } from '../../src/ports/database.ts';
import { needs } from '../support/needs.ts';
import { besides, type PostgresDatabase, postgresDatabase } from '../support/postgres-database.ts';
import { restartPostgres, startPostgres, stopPostgres } from '../support/servers/postgres.ts';
import { freePort } from '../support/servers/process.ts';
import type { Server } from '../support/servers/servers.ts';
import { changed, deposit, gate, insertRows, ORIGIN, someEvent, testClock, wait } from '../support/some-rows.ts';

const { present, reason } = needs('postgresql');
const options = { clock: testClock().of(0), identity: { origin: ORIGIN, node: 'node-1' } };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(tested: PostgresDatabase, connections?: number): Promise<Database> {
  const db = await openPostgres(tested.url, { ...options, ...(connections === undefined ? {} : { connections }) });
  closing.push(() => db.close());
  return db;
}

/** What somebody is told, and everything beneath it. */
function told(error: unknown): string {
  return inspect(error, { depth: 10 });
}

describe.skipIf(!present)(`PostgreSQL ${reason}`, () => {
  it('that is not there is database_unavailable, and its address is not told', async () => {
    const url = `postgres://somebody:secretword@127.0.0.1:${await freePort()}/vault`;
    const error: unknown = await openPostgres(url, options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'database_unavailable', retryAfter: 5 });
    expect(told(error)).not.toMatch(/secretword|somebody/);
  });

  it('keeps every text in the order of its bytes', async () => {
    const tested = await postgresDatabase();
    await opened(tested);
    const columns = await besides(tested.url, (client) =>
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
    const tested = await postgresDatabase();
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

  it('reads integers as numbers here and nowhere else', async () => {
    const tested = await postgresDatabase();
    const db = await opened(tested);
    await insertRows(db);
    const read = await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait);
    expect(read?.bytes).toBe(0);
    const plain = await besides(tested.url, (client) => client.query<{ bytes: unknown }>('select bytes from session'));
    expect(plain.rows[0]?.bytes).toBe('0');
  });

  it('says database_busy where a row or a connection is held for too long', async () => {
    const tested = await postgresDatabase();
    const db = await opened(tested);
    const narrow = await opened(tested, 1);
    await insertRows(db);
    const [held, holding, full] = [gate(), gate(), gate()];
    const holder = changed(db, async (tx) => {
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
      expect(changed(db, (tx) => tx.deposits.lock('ten_a', 'dep_a'))).rejects.toMatchObject(busy),
      expect(narrow.read((rows) => rows.now(), wait)).rejects.toMatchObject(busy),
    ]);
    expect(performance.now() - begun).toBeGreaterThan(4_500);
    expect(performance.now() - begun).toBeLessThan(9_000);
    held.open();
    await Promise.all([holder, reader]);
    await changed(db, (tx) => tx.deposits.lock('ten_a', 'dep_a'));
    await narrow.read((rows) => rows.now(), wait);
  }, 30_000);

  it('does not wait for a connection after the signal has fired', async () => {
    const tested = await postgresDatabase();
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
    expect(performance.now() - begun).toBeLessThan(2_000);
    held.open();
    await reader;
    await db.read((rows) => rows.now(), wait);
  });

  it('whose connection is ended in the middle of a change says database_unavailable, and nothing of it is there', async () => {
    const tested = await postgresDatabase();
    const db = await opened(tested);
    await insertRows(db);
    // Several connections, of which all but one will be idle.
    await Promise.all([1, 2, 3].map(() => db.read((rows) => rows.now(), wait)));
    let runs = 0;
    const change = changed(db, async (tx) => {
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
    // Idle connections were ended too, and the process is still here.
    expect(await db.read((rows) => rows.deposits.find('ten_a', 'dep_a'), wait)).toEqual(deposit);
  });
});

describe.skipIf(!present)(`a COMMIT without answer ${reason}`, () => {
  /** Passes bytes on, until the client says COMMIT: that is passed on as well, but no answer comes back. */
  async function deafAtCommit(port: number): Promise<{ url: (of: string) => string; deaf: (on: boolean) => void }> {
    let deaf = false;
    const sockets = new Set<Socket>();
    const proxy: NetServer = createServer((client) => {
      const server = connect(port, '127.0.0.1');
      for (const socket of [client, server]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => sockets.delete(socket));
      }
      let cut = false;
      client.on('data', (bytes) => {
        cut ||= deaf && bytes.includes('commit\0');
        server.write(bytes);
      });
      server.on('data', (bytes) => {
        // The answer is there, so it is done; then the line breaks.
        if (cut) client.destroy();
        else client.write(bytes);
      });
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    });
    const address = proxy.address();
    const own = typeof address === 'object' && address !== null ? address.port : 0;
    return {
      url: (of) => of.replace(/:\d+\//, `:${own}/`),
      deaf: (on) => {
        deaf = on;
      },
    };
  }

  it('is database_unavailable: the change is not made again', async () => {
    const tested = await postgresDatabase();
    const proxy = await deafAtCommit(Number(new URL(tested.url).port));
    const db = await openPostgres(proxy.url(tested.url), options);
    closing.push(() => db.close());
    let runs = 0;
    proxy.deaf(true);
    const change = changed(db, async (tx) => {
      runs++;
      await tx.deposits.insert(deposit);
    });
    const error: unknown = await change.catch((thrown: unknown) => thrown);
    proxy.deaf(false);
    expect(error).toMatchObject({ code: 'database_unavailable', message: 'whether the change was made is not known' });
    expect(runs).toBe(1);
    // Here it was made, once.
    expect(await db.read((rows) => rows.deposits.find('ten_a', 'dep_a'), wait)).toEqual(deposit);
    expect(await db.read((rows) => rows.log.events('ten_a', 0, 9), wait)).toHaveLength(1);
  });
});

describe.skipIf(!present)(`a server that crashes ${reason}`, () => {
  let folder: string;
  let server: Server;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'callvault-crash-'));
    // PostgreSQL runs as another user below it.
    chmodSync(folder, 0o711);
    server = await startPostgres(join(folder, 'postgres'));
  });
  afterAll(() => {
    if (server !== undefined) stopPostgres(server, 'immediate');
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('loses nothing that was acknowledged, and is used again once it is back', async () => {
    const tested = await postgresDatabase(server);
    const handles = [await opened(tested), await opened(tested)];
    const acknowledged: string[] = [];
    const failures: unknown[] = [];
    let stop = false;
    const writer = async (n: number): Promise<void> => {
      const db = handles[n % 2] as Database;
      while (!stop) {
        const event = someEvent(n % 3 === 0 ? 'ten_b' : 'ten_a');
        try {
          await db.change(async () => ({ result: 0, events: [event] }), wait);
          acknowledged.push(event.id);
        } catch (error) {
          failures.push(error);
          await sleep(20);
        }
      }
    };
    const writers = [0, 1, 2, 3, 4, 5].map(writer);
    for (let crash = 0; crash < 3; crash++) {
      const before = acknowledged.length;
      while (acknowledged.length < before + 50) await sleep(10);
      stopPostgres(server, 'immediate');
      await sleep(100);
      restartPostgres(server);
    }
    const before = acknowledged.length;
    while (acknowledged.length < before + 50) await sleep(10);
    stop = true;
    await Promise.all(writers);

    expect(failures.length).toBeGreaterThan(0);
    for (const error of failures) {
      expect(error).toBeInstanceOf(VaultError);
      expect(['database_unavailable', 'database_busy', 'audit_unavailable']).toContain((error as VaultError).code);
    }
    const [db] = handles as [Database];
    const there = new Set<string>();
    for (const log of ['ten_a', 'ten_b']) {
      const events = await db.read((rows) => rows.log.events(log, 0, 1_000_000), wait);
      expect(checkLog(logName(ORIGIN, log), events)).toEqual([]);
      for (const { leaf } of events) there.add((JSON.parse(Buffer.from(leaf).toString()) as { id: string }).id);
    }
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    // What nobody knew the outcome of may be there; anything else may not.
    expect(there.size).toBeLessThanOrEqual(acknowledged.length + failures.length);
  }, 60_000);
});
