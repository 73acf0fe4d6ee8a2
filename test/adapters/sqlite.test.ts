// The SQLite adapter: waiting for a lock, and the content of its file.
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHECKPOINT_PAGES } from '../../src/adapters/sql/sqlite-checkpoints.ts';
import { newId } from '../../src/bytes/ids.ts';
import type { Database } from '../../src/ports/database.ts';
import {
  changeWithEvent,
  deposit,
  insertRows,
  ORIGIN,
  recordingOf,
  session,
  someEvent,
  wait,
} from '../support/fixture-rows.ts';
import { type SqliteDatabase, sqliteDatabase, withOtherHandle } from '../support/sqlite-database.ts';

/** What a link names; nothing where its file was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

let tested: SqliteDatabase;
let db: Database;
let path: string;

beforeEach(async () => {
  tested = await sqliteDatabase({ tables: 'none' });
  ({ path } = tested);
  db = await tested.open();
});
afterEach(async () => {
  await db.close();
  await tested.remove();
});

describe('SQLite while another process holds the write lock', () => {
  it('waits without blocking the event loop, then throws database_busy', async () => {
    const other = new SqliteFile(path);
    other.exec('begin immediate');
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    const begun = performance.now();
    const busy = { code: 'database_busy' };
    await expect(db.change(async () => ({ result: 1, events: [someEvent()] }), wait)).rejects.toMatchObject(busy);
    const waited = performance.now() - begun;
    clearInterval(timer);
    expect(waited).toBeGreaterThan(4_500);
    expect(waited).toBeLessThan(50_000);
    expect(longest).toBeLessThan(waited / 2);
    // Reads continue meanwhile.
    expect(await db.read((rows) => rows.tenants.all(), wait)).toEqual([]);
    other.exec('rollback');
    other.close();
  });

  it('continues when the lock is free: changes, bookkeeping, and the claim of the origin', async () => {
    await insertRows(db);
    const works = [
      () => db.change(async () => ({ result: 1, events: [someEvent()] }), wait),
      () => db.note((notes) => notes.sessions.count(session, { bytes: 1, servedRange: null }), wait),
      () => db.claimOrigin(ORIGIN, wait),
    ];
    for (const work of works) {
      const other = new SqliteFile(path);
      other.exec('begin immediate');
      setTimeout(() => {
        other.exec('rollback');
        other.close();
      }, 300);
      await work();
    }
    expect(await db.claimOrigin('another.example', wait)).toBe(false);
  });
});

describe('SQLite after another process has migrated the tables', () => {
  it('reads rows with their columns as before', async () => {
    await insertRows(db);
    const find = () => db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait);
    const before = await find();
    withOtherHandle(path, (file) => file.exec('alter table session add column later text'));
    expect(await find()).toEqual(before);
  });
});

describe('the file', () => {
  it('takes up the write-ahead log before that has many pages', async () => {
    const row = recordingOf('rec_a', { facts: Buffer.alloc(15 * 4096, 1) });
    await changeWithEvent(db, (tx) => tx.recordings.insert(row));
    for (let version = 1; version <= 80; version++)
      await changeWithEvent(db, (tx) =>
        tx.recordings.change({ ...row, version }, { facts: Buffer.alloc(15 * 4096, version) }),
      );
    const pages = statSync(`${path}-wal`).size / 4096;
    // More than 1,200 pages were written. A commit checks after its own.
    expect(pages).toBeLessThan(CHECKPOINT_PAGES + 150);
    expect(pages).toBeGreaterThan(CHECKPOINT_PAGES - 1);
  });

  it.runIf(process.platform === 'linux')('keeps what a statement may take back in memory', async () => {
    const files = () => readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
    // A page each; of few pages SQLite writes none to disk.
    const rows = Array.from({ length: 250 }, (_, n) => ({
      recording: recordingOf(`rec_${n}`, { natural: Buffer.alloc(32, n), facts: Buffer.alloc(3000, n) }),
      indexes: [],
    }));
    await changeWithEvent(db, async (tx) => {
      await tx.recordings.insertMany(rows);
      // Changes pages that were written before.
      await tx.recordings.setListings(rows.map(({ recording }) => recording));
      // SQLite's names of temporary files.
      expect(files().filter((name) => name.includes('etilqs'))).toEqual([]);
    });
  });

  it('is in WAL mode, and deleted rows are overwritten', async () => {
    expect(withOtherHandle(path, (file) => file.pragma('journal_mode', { simple: true }))).toBe('wal');
    // The other settings belong to the connection, not the file: compares them with their declaration.
    const source = await readFile(join(import.meta.dirname, '../../src/adapters/sql/sqlite.ts'), 'utf8');
    for (const pragma of ['synchronous = FULL', 'secure_delete = ON', 'foreign_keys = ON', 'trusted_schema = OFF']) {
      expect(source).toContain(`pragma('${pragma}')`);
    }
    const mark = `secret-${newId('dep')}`;
    await changeWithEvent(db, async (tx) => {
      await tx.deposits.insert({ ...deposit, id: mark });
      const key = { tenant: 'ten_a', deposit: mark, scheme: 'keyring', keyId: 'k', wrap: 1 } as const;
      await tx.wrappedKeys.insert({ ...key, envelopeWrap: null, wrapped: Buffer.from(mark.repeat(3)) });
    });
    await changeWithEvent(db, (tx) => tx.wrappedKeys.delete('ten_a', mark));
    withOtherHandle(path, (file) => file.pragma('wal_checkpoint(truncate)'));
    expect((await readFile(path)).includes(mark.repeat(3))).toBe(false);
    expect((await readFile(path)).includes(mark)).toBe(true);
  });
});
