// The SQLite adapter: waiting for a lock, no effect without its event, one writer at a time, times, pragmas.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log-check.ts';
import type { Database } from '../../src/ports/database.ts';
import {
  aside,
  deposit,
  everything,
  insertRows,
  type OpenedSqlite,
  ORIGIN,
  openedSqlite,
  START,
  someEvent,
  wait,
} from '../support/opened-sqlite.ts';

let opened: OpenedSqlite;
let db: Database;
let path: string;

beforeEach(async () => {
  opened = await openedSqlite();
  ({ db, path } = opened);
});
afterEach(() => opened.close());

describe('SQLite while another process holds the write lock', () => {
  it('waits without stopping the event loop, then says database_busy', async () => {
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
    expect(waited).toBeLessThan(7_000);
    expect(longest).toBeLessThan(1_000);
    // Reads go on all the time.
    expect(await db.read((rows) => rows.tenants.all(), wait)).toEqual([]);
    other.exec('rollback');
    other.close();
  }, 20_000);

  it('goes on as soon as the lock is free: changes, notes, and the claim of the origin', async () => {
    await insertRows(db);
    const works = [
      () => db.change(async () => ({ result: 1, events: [someEvent()] }), wait),
      () => db.note((notes) => notes.sessions.count('ten_a', 'ses_a', 1, 1), wait),
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

  it('opens twice at once, and its migrations change nothing the second time', async () => {
    const before = everything(path);
    const again = await Promise.all([opened.open(), opened.open()]);
    for (const one of again) await one.close();
    expect(everything(path)).toEqual(before);
    const fresh = `${path}-new`;
    for (const one of await Promise.all([opened.open(fresh), opened.open(fresh)])) await one.close();
    expect(Object.keys(everything(fresh))).toEqual(Object.keys(before));
  });
});

describe('a migration', () => {
  it('that is cut leaves nothing, so that the next start begins anew', async () => {
    const fresh = `${path}-cut`;
    // A name in the way of the last index: the migration fails near its end.
    aside(fresh, (file) => file.exec('create table session_live (x)'));
    await expect(opened.open(fresh)).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(Object.keys(everything(fresh)).filter((name) => !name.startsWith('kysely'))).toEqual(['session_live']);
    aside(fresh, (file) => file.exec('drop table session_live'));
    await (await opened.open(fresh)).close();
    expect(Object.keys(everything(fresh))).toEqual(Object.keys(everything(path)));
  });
});

describe('a change', () => {
  it('leaves nothing where its event cannot be stored', async () => {
    aside(path, (file) =>
      file.exec("create trigger full before insert on audit_event begin select raise(abort, 'full'); end"),
    );
    const before = everything(path);
    await expect(insertRows(db)).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(everything(path)).toEqual(before);
  });

  it('leaves nothing where it names no event, or throws', async () => {
    const before = everything(path);
    const silent = db.change(async (tx) => {
      await tx.deposits.insert(deposit);
      return { result: 1, events: [] };
    }, wait);
    await expect(silent).rejects.toMatchObject({ code: 'internal' });
    const thrown = db.change(async (tx) => {
      await tx.deposits.insert(deposit);
      throw new Error('no');
    }, wait);
    await expect(thrown).rejects.toThrow();
    expect(everything(path)).toEqual(before);
  });

  it('hits once of two from the same version', async () => {
    await insertRows(db);
    const change = () =>
      db.change(async (tx) => {
        const hit = await tx.deposits.change(deposit, { state: 'ABORTING' });
        return { result: hit, events: [someEvent()] };
      }, wait);
    const hits = await Promise.all([change(), change()]);
    expect(hits.map(({ result }) => result).sort()).toEqual([false, true]);
    expect(await db.read((rows) => rows.deposits.find('ten_a', 'dep_a'), wait)).toMatchObject({ version: 2 });
  });
});

describe('the log', () => {
  it('has contiguous indices after fifty parallel changes over two logs by two handles', async () => {
    const second = await opened.open();
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, n) => {
        const logs = n % 3 === 0 ? ['ten_b', 'ten_a', 'ten_b'] : [n % 2 === 0 ? 'ten_a' : 'ten_b'];
        const events = logs.map((log) => someEvent(log));
        return (n % 5 === 0 ? second : db).change(async () => ({ result: n, events }), wait);
      }),
    );
    await second.close();
    let total = 0;
    for (const log of ['ten_a', 'ten_b']) {
      const events = await db.read((rows) => rows.log.events(log, 0, 1_000), wait);
      expect(checkLog(logName(ORIGIN, log), events)).toEqual([]);
      const given = receipts.flatMap((made) => made.receipts).filter((receipt) => receipt.log === `${ORIGIN}/${log}`);
      expect(given.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(events.map(({ seq }) => seq));
      total += events.length;
    }
    expect(total).toBe(receipts.flatMap((made) => made.receipts).length);
  });

  it('can be neither updated nor deleted', async () => {
    await insertRows(db);
    for (const statement of ["update audit_event set leaf = x'00'", 'delete from audit_event']) {
      expect(() => aside(path, (file) => file.exec(statement))).toThrow('the log only grows');
    }
  });

  it('keeps time from going back when the clock does', async () => {
    const times: string[] = [];
    for (const at of [START + 5_000, START, START - 86_400_000, START + 6_000]) {
      opened.setClock(at);
      await db.change(async (tx) => {
        times.push(await tx.now(), await tx.now());
        return { result: undefined, events: [someEvent(`ten_${at}`)] };
      }, wait);
      times.push(await db.read((rows) => rows.now(), wait));
    }
    expect(times).toEqual([...times].sort());
    expect(times[0]).toBe('2026-11-25T12:00:05.000Z');
    expect(times.at(-1)).toBe('2026-11-25T12:00:06.000Z');
  });
});

describe('the file', () => {
  it('is in WAL mode, and what was deleted is overwritten', async () => {
    expect(aside(path, (file) => file.pragma('journal_mode', { simple: true }))).toBe('wal');
    // The others live in the connection, not in the file: here they are held to what is written.
    const source = await readFile(join(import.meta.dirname, '../../src/adapters/sql/sqlite.ts'), 'utf8');
    for (const pragma of ['synchronous = FULL', 'secure_delete = ON', 'foreign_keys = ON', 'trusted_schema = OFF']) {
      expect(source).toContain(`pragma('${pragma}')`);
    }
    const mark = `secret-${newId('dep')}`;
    await db.change(async (tx) => {
      await tx.deposits.insert({ ...deposit, id: mark });
      const key = { tenant: 'ten_a', deposit: mark, scheme: 'keyring', keyId: 'k', wrap: 1 } as const;
      await tx.deposits.insertKey({ ...key, wrapped: Buffer.from(mark.repeat(3)) });
      return { result: undefined, events: [someEvent()] };
    }, wait);
    await db.change(async (tx) => {
      await tx.deposits.deleteKey('ten_a', mark);
      return { result: undefined, events: [someEvent()] };
    }, wait);
    aside(path, (file) => file.pragma('wal_checkpoint(truncate)'));
    expect((await readFile(path)).includes(mark.repeat(3))).toBe(false);
    expect((await readFile(path)).includes(mark)).toBe(true);
  });
});
