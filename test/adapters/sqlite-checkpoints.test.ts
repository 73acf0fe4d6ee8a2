// SQLite's write-ahead log in a process that writes much: a thread copies it into the file.
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  CHECKPOINT_PAGES,
  type SqliteCheckpoints,
  sqliteCheckpoints,
} from '../../src/adapters/sql/sqlite-checkpoints.ts';
import { type SqliteWriter, sqliteWriter } from '../../src/adapters/sql/sqlite-writer.ts';
import { until } from '../support/until.ts';

const PAGE = 4096;
/** Rows of a change, each as large as a page. */
const ROWS = 50;

let folder: string;
let path: string;
let file: SqliteFile.Database;
let checkpoints: SqliteCheckpoints;
let writer: SqliteWriter;
let written = 0;

function open(threadPath = path): void {
  file = new SqliteFile(path, { timeout: 0 });
  file.pragma('journal_mode = WAL');
  file.exec('create table if not exists one (id integer primary key, bytes blob)');
  checkpoints = sqliteCheckpoints(threadPath, file);
  writer = sqliteWriter(file, () => checkpoints.committed(written));
}

const limit = () => Number(file.pragma('wal_autocheckpoint', { simple: true }));
const pagesOfLog = () => statSync(`${path}-wal`).size / PAGE;

/** Changes the same rows again and again. */
function write(): Promise<void> {
  return writer.change(async () => {
    const put = file.prepare('insert or replace into one values (?, ?)');
    for (let row = 0; row < ROWS; row++) put.run((written + row) % 2_000, Buffer.alloc(3_800, written));
    written += ROWS;
  });
}

/** Writes until commits leave the copying to the thread. */
async function untilThread(): Promise<void> {
  await until('the thread copies', async () => {
    await write();
    return limit() === 0;
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callvault-checkpoints-'));
  path = join(folder, 'some.db');
  written = 0;
});
afterEach(async () => {
  await checkpoints.close();
  file.close();
  await rm(folder, { recursive: true });
});

it('is copied by commits at first, then by a thread, which keeps it short while writes go on', async () => {
  open();
  for (let change = 0; change < 40; change++) await write();
  expect(limit()).toBe(CHECKPOINT_PAGES);
  expect(pagesOfLog()).toBeLessThan(CHECKPOINT_PAGES + 3 * ROWS);
  await untilThread();
  const before = written;
  let most = 0;
  while (written - before < 60_000) {
    await write();
    most = Math.max(most, pagesOfLog());
  }
  // Of 60,000 pages.
  expect(most).toBeLessThan(10_000);
});

it('is truncated as before once the thread copies, whatever it does at the time', async () => {
  open();
  await untilThread();
  for (let time = 0; time < 20; time++) {
    for (let change = 0; change < 5; change++) await write();
    const truncated = await writer.alone(() =>
      checkpoints.without(async () => file.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]),
    );
    expect(truncated).toMatchObject([{ busy: 0 }]);
    expect(pagesOfLog()).toBe(0);
  }
});

it('is copied by commits again once the thread has ended', async () => {
  open(join(folder, 'no-folder/some.db'));
  for (let change = 0; change < 110; change++) await write();
  // The thread cannot open its file.
  await checkpoints.without(async () => undefined);
  for (let change = 0; change < 40; change++) await write();
  expect(limit()).toBe(CHECKPOINT_PAGES);
  expect(pagesOfLog()).toBeLessThan(CHECKPOINT_PAGES + 3 * ROWS);
});

it('leaves nothing beside the file when that is closed', async () => {
  open();
  await untilThread();
  for (let change = 0; change < 20; change++) await write();
  await checkpoints.close();
  file.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
  const again = new SqliteFile(path, { readonly: true });
  expect(again.prepare('select count(*) from one').pluck().get()).toBe(2_000);
  again.close();
});
