// A new SQLite database for each test, opened by the adapter, with a clock that the test sets.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { newId } from '../../src/bytes/ids.ts';
import type { Session } from '../../src/model/access.ts';
import type { NewEvent } from '../../src/model/audit-event.ts';
import type { Deposit } from '../../src/model/recording.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Database } from '../../src/ports/database.ts';

export const ORIGIN = 'vault.example';
export const START = Date.parse('2026-11-25T12:00:00.000Z');
export const wait = { signal: AbortSignal.timeout(600_000) };

/** A database of its own. `db` is open from the beginning; `open` opens another handle, as another process would. */
export type OpenedSqlite = {
  readonly path: string;
  readonly db: Database;
  readonly setClock: (now: number) => void;
  readonly open: (path?: string) => Promise<Database>;
  readonly close: () => Promise<void>;
};

export async function openedSqlite(): Promise<OpenedSqlite> {
  let now = START;
  const clock: Clock = {
    now: () => now,
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
    every: () => () => undefined,
  };
  const folder = await mkdtemp(join(tmpdir(), 'callvault-sqlite-'));
  const path = join(folder, 'vault.db');
  const fatal = (error: unknown): void => {
    throw error;
  };
  const open = (at = path): Promise<Database> =>
    openSqlite(at, { clock, identity: { origin: ORIGIN, node: 'node-1' }, fatal });
  const db = await open();
  return {
    path,
    db,
    open,
    setClock: (to) => {
      now = to;
    },
    close: async () => {
      await db.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** An event that a test does not care about. */
export function someEvent(log = 'ten_a'): NewEvent {
  const actor = { type: 'system', id: 'node-1', auth: 'none' } as const;
  const object = { type: 'recording', id: 'rec_a' };
  return { log, id: newId('evt'), actor, action: 'recording.read', outcome: 'ok', object };
}

export const deposit: Deposit = {
  tenant: 'ten_a',
  id: 'dep_a',
  recording: 'rec_a',
  object: 'audio',
  state: 'UPLOADING',
  version: 1,
  op: 'op',
  principal: 'svc_a',
  created: '2026-11-25T12:00:00.000Z',
  uploadId: null,
  leaseOwner: 'me',
  leaseUntil: '2026-11-25T12:01:00.000Z',
  envelope: null,
  envelopeWrap: null,
  digest: null,
  verifiedAt: null,
};
export const session: Session = {
  tenant: 'ten_a',
  id: 'ses_a',
  grant: 'grt_a',
  recording: 'rec_a',
  principal: 'usr_a',
  state: 'LIVE',
  version: 1,
  opened: '2026-11-25T12:00:00.000Z',
  ends: '2026-11-25T13:00:00.000Z',
  ended: null,
  reason: null,
  ranges: 0,
  bytes: 0,
};

/** Puts the deposit and the session in. */
export async function insertRows(db: Database): Promise<void> {
  await db.change(async (tx) => {
    await tx.deposits.insert(deposit);
    await tx.sessions.insert(session);
    return { result: undefined, events: [someEvent()] };
  }, wait);
}

/** Runs something with a handle of its own, as another process would. */
export function aside<T>(path: string, work: (file: SqliteFile.Database) => T): T {
  const file = new SqliteFile(path);
  try {
    return work(file);
  } finally {
    file.close();
  }
}

/** All rows of all tables. */
export function everything(path: string): Record<string, unknown[]> {
  return aside(path, (file) => {
    const names = file.prepare("select name from sqlite_master where type = 'table' order by name").pluck().all();
    return Object.fromEntries(names.map((name) => [String(name), file.prepare(`select * from "${name}"`).all()]));
  });
}
