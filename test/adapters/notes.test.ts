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

beforeEach(async () => {
  opened = await openedSqlite();
  ({ db, path } = opened);
});
afterEach(() => opened.close());

describe('a note', () => {
  const part = { tenant: 'ten_a', deposit: 'dep_a', number: 0, size: 5, receipt: '5', header: Buffer.alloc(56) };
  const window = { tenant: 'ten_a', action: 'a', subject: 's', target: 't', start: '2026-11-25T12:00:00.000Z' };
  // Every method of Notes, the table it keeps books in, and the columns of it that it may touch.
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
    'windows.countIn': ['window', ['count'], (n) => n.windows.countIn(window)],
  };

  it.each(Object.entries(methods))('%s touches its columns alone', async (name, [table, columns, run]) => {
    await insertRows(db);
    await db.change(async (tx) => ({ result: await tx.windows.open(window), events: [someEvent()] }), wait);
    if (name === 'deposits.putPart') {
      await db.note((n) => n.deposits.putPart(deposit, 'me', { ...part, size: 9, receipt: '9' }), wait);
    }
    const before = everything(path);
    await db.note(run, wait);
    const after = everything(path);
    expect(after).not.toEqual(before);
    for (const tables of [before, after]) {
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
