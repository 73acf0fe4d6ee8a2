// Bookkeeping: each method of Notes touches its own columns and nothing else, and only for who holds the lease.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database, Notes } from '../../src/ports/database.ts';
import {
  deposit,
  everything,
  insertRows,
  type OpenedSqlite,
  openedSqlite,
  someEvent,
  wait,
} from '../support/opened-sqlite.ts';

let opened: OpenedSqlite;
let db: Database;
let path: string;

const claim = { tenant: 'ten_a', principal: 'usr_a', route: 'POST /a', key: Buffer.from('k'), owner: 'me' };
const body = Buffer.from('b');

beforeEach(async () => {
  opened = await openedSqlite();
  ({ db, path } = opened);
});
afterEach(() => opened.close());

describe('a note', () => {
  const part = { tenant: 'ten_a', deposit: 'dep_a', number: 0, size: 5, receipt: '5', header: Buffer.alloc(56) };
  const window = { tenant: 'ten_a', action: 'a', subject: 's', target: 't', start: '2026-11-25T12:00:00.000Z' };
  const EVERY = ['*'];
  // Every method of Notes, the table it keeps books in, and the columns of it that it may touch: `*` where all of it is books.
  const methods: Record<string, [table: string, columns: string[], (notes: Notes) => Promise<unknown>]> = {
    'deposits.renewLease': ['deposit', ['lease_until'], (n) => n.deposits.renewLease(deposit, 'me', 'z')],
    'deposits.takeLease': [
      'deposit',
      ['lease_owner', 'lease_until'],
      (n) => n.deposits.takeLease(deposit, 'you', '2026-11-25T12:02:00.000Z', 'z'),
    ],
    'deposits.setUpload': ['deposit', ['upload_id'], (n) => n.deposits.setUpload(deposit, 'me', 'upload')],
    'deposits.putPart': ['part', ['size', 'receipt', 'header'], (n) => n.deposits.putPart(deposit, 'me', part)],
    'sessions.count': ['session', ['ranges', 'bytes'], (n) => n.sessions.count('ten_a', 'ses_a', 1, 100)],
    'idempotency.claim': ['idempotency', EVERY, (n) => n.idempotency.claim({ ...claim, owner: 'you' }, body, 'y', 'z')],
    'idempotency.release': ['idempotency', EVERY, (n) => n.idempotency.release(claim)],
    'idempotency.forget': ['idempotency', EVERY, (n) => n.idempotency.forget('y')],
    'windows.countIn': ['window', ['count'], (n) => n.windows.countIn(window)],
  };

  it.each(Object.entries(methods))('%s touches its columns alone', async (name, [table, columns, run]) => {
    await insertRows(db);
    await db.change(async (tx) => ({ result: await tx.windows.open(window), events: [someEvent()] }), wait);
    if (name === 'deposits.putPart') {
      await db.note((n) => n.deposits.putPart(deposit, 'me', { ...part, size: 9, receipt: '9' }), wait);
    }
    await db.note((n) => n.idempotency.claim(claim, body, 'a', 'y'), wait);
    const before = everything(path);
    await db.note(run, wait);
    const after = everything(path);
    expect(after).not.toEqual(before);
    for (const tables of [before, after]) {
      if (columns === EVERY) tables[table] = [];
      for (const row of tables[table] as Record<string, unknown>[]) for (const column of columns) delete row[column];
    }
    expect(after).toEqual(before);
  });

  it('has no method but these that changes anything', async () => {
    const offered = await db.note(
      async (notes) =>
        Object.entries(notes).flatMap(([area, of]) => Object.keys(of).map((method) => `${area}.${method}`)),
      wait,
    );
    expect(offered.sort()).toEqual(Object.keys(methods).sort());
  });

  it('of somebody without the lease does nothing', async () => {
    await insertRows(db);
    const before = everything(path);
    const said = await db.note(
      async ({ deposits }) => [
        await deposits.renewLease(deposit, 'you', 'z'),
        await deposits.takeLease(deposit, 'you', deposit.created, 'z'),
        await deposits.setUpload(deposit, 'you', 'upload'),
        await deposits.putPart(deposit, 'you', part),
      ],
      wait,
    );
    expect(said).toEqual([false, false, false, false]);
    expect(everything(path)).toEqual(before);
  });

  it('remembers no upload of a deposit that is given up', async () => {
    await insertRows(db);
    await db.change(async (tx) => {
      await tx.deposits.change(deposit, { state: 'ABORTING' });
      return { result: undefined, events: [someEvent()] };
    }, wait);
    expect(await db.note((notes) => notes.deposits.setUpload(deposit, 'me', 'upload'), wait)).toBe(false);
  });
});

describe('an idempotency key', () => {
  const store = (owner: string, ids = 'rec_a') =>
    db.change(async () => {
      const reply = { claim: { ...claim, owner }, outcome: 'created', ids } as const;
      return { result: undefined, events: [someEvent()], reply };
    }, wait);
  const note = <T>(work: (notes: Notes) => Promise<T>, of = db): Promise<T> => of.note(work, wait);
  const find = () => db.read((rows) => rows.idempotency.find(claim), wait);

  it('is claimed by one of many, in several processes', async () => {
    const handles = [db, await opened.open(), await opened.open()];
    const tries = handles.flatMap((handle, h) =>
      [1, 2, 3].map((n) =>
        note(({ idempotency }) => idempotency.claim({ ...claim, owner: `${h}${n}` }, body, 'a', 'm'), handle),
      ),
    );
    expect((await Promise.all(tries)).filter((mine) => mine)).toHaveLength(1);
    for (const handle of handles.slice(1)) await handle.close();
  });

  it('is taken over only once its time is over, and each scope has its own', async () => {
    const take = (over: object, now: string) =>
      note(({ idempotency }) => idempotency.claim({ ...claim, ...over }, body, now, 'm'));
    expect(await take({}, 'a')).toBe(true);
    for (const scope of [{ tenant: 'ten_b' }, { principal: 'usr_b' }, { route: 'POST /b' }, { key: Buffer.from('j') }])
      expect(await take(scope, 'a')).toBe(true);
    expect(await take({ owner: 'you' }, 'l')).toBe(false);
    expect(await take({ owner: 'you' }, 'm')).toBe(true);
    expect(await find()).toMatchObject({ owner: 'you', outcome: null });
  });

  it('keeps the reply of its owner alone, once, with the change or not at all', async () => {
    await note(({ idempotency }) => idempotency.claim(claim, body, 'a', 'm'));
    const before = everything(path);
    await expect(store('you')).rejects.toMatchObject({ code: 'idempotency_in_progress' });
    expect(everything(path)).toEqual(before);
    await store('me');
    expect(await find()).toMatchObject({ outcome: 'created', ids: 'rec_a', seq: 0, until: '2026-12-02T12:00:00.000Z' });
    await expect(store('me', 'rec_b')).rejects.toMatchObject({ code: 'idempotency_in_progress' });
    expect(await note(({ idempotency }) => idempotency.release(claim))).toBe(false);
    expect(await find()).toMatchObject({ ids: 'rec_a' });
  });

  it('is let go of by its owner alone', async () => {
    await note(({ idempotency }) => idempotency.claim(claim, body, 'a', 'm'));
    expect(await note(({ idempotency }) => idempotency.release({ ...claim, owner: 'you' }))).toBe(false);
    expect(await note(({ idempotency }) => idempotency.release(claim))).toBe(true);
    expect(await find()).toBeNull();
  });

  it('keeps no reply whose event is in another log', async () => {
    await note(({ idempotency }) => idempotency.claim(claim, body, 'a', 'm'));
    const reply = { claim, outcome: 'done', ids: '' } as const;
    const elsewhere = db.change(async () => ({ result: 1, events: [someEvent('ten_b')], reply }), wait);
    await expect(elsewhere).rejects.toMatchObject({ code: 'internal' });
  });
});
