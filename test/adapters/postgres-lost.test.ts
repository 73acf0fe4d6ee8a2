// Lost PostgreSQL: a COMMIT whose answer is lost, and crashes under load.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { VaultError } from '../../src/errors.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import type { Database } from '../../src/ports/database.ts';
import { changeWithEvent, deposit, ORIGIN, someEvent, testClock, wait } from '../support/fixture-rows.ts';
import { needs } from '../support/needs.ts';
import { type PostgresDatabase, postgresDatabase } from '../support/postgres-database.ts';
import { restartPostgres, startPostgres, stopPostgres } from '../support/servers/postgres.ts';
import type { Server } from '../support/servers/process.ts';
import { until } from '../support/until.ts';

const { present, reason } = needs('postgresql');
const options = { clock: testClock().of(0), identity: { origin: ORIGIN, node: 'node-1' }, witness: false };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(tested: PostgresDatabase): Promise<Database> {
  const db = await openPostgres(tested.url, options);
  closing.push(() => db.close());
  return db;
}

describe.skipIf(!present)(`a COMMIT without answer ${reason}`, () => {
  /** A proxy that forwards bytes up to COMMIT, and drops its answer. */
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
        // The answer has arrived, so the commit is done; then the connection breaks.
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

  it('throws database_unavailable and does not repeat the change', async () => {
    const tested = await postgresDatabase();
    const proxy = await deafAtCommit(Number(new URL(tested.url).port));
    const db = await openPostgres(proxy.url(tested.url), options);
    closing.push(() => db.close());
    let runs = 0;
    proxy.deaf(true);
    const change = changeWithEvent(db, async (tx) => {
      runs++;
      await tx.deposits.insert(deposit);
    });
    const error: unknown = await change.catch((thrown: unknown) => thrown);
    proxy.deaf(false);
    expect(error).toMatchObject({ code: 'database_unavailable', message: 'it is unknown whether the change was made' });
    expect(runs).toBe(1);
    // The change was made once.
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

  it('loses no acknowledged change, and is used again after its restart', async () => {
    const tested = await postgresDatabase({ server });
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
      await until('fifty more are acknowledged', () => acknowledged.length >= before + 50);
      stopPostgres(server, 'immediate');
      await sleep(100);
      restartPostgres(server);
    }
    const before = acknowledged.length;
    await until('fifty more are acknowledged', () => acknowledged.length >= before + 50);
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
      expect(checkLog(logName(ORIGIN, log), events, leafHash)).toEqual([]);
      for (const { leaf } of events) there.add((JSON.parse(Buffer.from(leaf).toString()) as { id: string }).id);
    }
    expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    // Changes with an unknown outcome may exist; no others may.
    expect(there.size).toBeLessThanOrEqual(acknowledged.length + failures.length);
  });
});
