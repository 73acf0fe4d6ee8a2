// Rows and events for tests of the database, and the interface of an engine under test.
import { setMaxListeners } from 'node:events';
import { newId } from '../../src/bytes/ids.ts';
import type { AccessRequest, Grant, Session } from '../../src/model/access.ts';
import type { NewEvent } from '../../src/model/audit-event.ts';
import { type Deposit, NO_LIFETIME, NOT_LISTED, type Recording } from '../../src/model/recording.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Database, Transaction } from '../../src/ports/database.ts';
import type { Row } from './rows-by-sql.ts';

export const ORIGIN = 'vault.example';
export const START = Date.parse('2026-11-25T12:00:00.000Z');
export const wait = { signal: AbortSignal.timeout(3_600_000) };
setMaxListeners(0, wait.signal);

/** Whether a new database has its tables: suites of starts and migrations begin without. */
export type Tables = 'migrated' | 'none';

/** A database that belongs to one test. */
export type TestedDatabase = {
  /** Opens a handle, as another process would; its clock is `ahead` milliseconds ahead of the others. */
  readonly open: (ahead?: number) => Promise<Database>;
  readonly setClock: (now: number) => void;
  /** Runs one statement without the port. */
  readonly run: (statement: string) => Promise<void>;
  /** Writes rows past the port, as an attacker with the database and without a key does. */
  readonly insert: (table: string, rows: readonly Row[]) => Promise<void>;
  /** All rows of all tables, by the tables' names, in no order. */
  readonly everything: () => Promise<Record<string, unknown[]>>;
  /** Removes the database; close all handles first. */
  readonly remove: () => Promise<void>;
};

/** A clock that stands still until it is set. */
export function testClock(): { readonly of: (ahead: number) => Clock; readonly set: (now: number) => void } {
  let now = START;
  return {
    of: (ahead) => ({
      now: () => now + ahead,
      steady: () => now,
      worked: () => 0,
      deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
      pause: () => Promise.resolve(),
      every: () => () => undefined,
    }),
    set: (to) => {
      now = to;
    },
  };
}

/** An event whose content does not matter. */
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
  lease: { owner: 'me', until: '2026-11-25T12:01:00.000Z' },
  envelope: null,
  digest: null,
  committed: null,
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
  heard: null,
  playedMinutes: 0,
  unwraps: 0,
  signIn: null,
  mac: Buffer.alloc(32, 7),
};
export const recording: Recording = {
  tenant: 'ten_a',
  id: 'rec_a',
  state: 'AVAILABLE',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  depositor: 'svc_a',
  described: false,
  natural: Buffer.from('rec_a'),
  startedAt: '2026-11-25T11:00:00.000Z',
  durationMs: 60_000,
  direction: null,
  channels: 2,
  language: 'zh-CN',
  sensitivity: 'normal',
  retainUntil: null,
  ...NO_LIFETIME,
  ...NOT_LISTED,
  source: null,
  delayS: null,
  queue: null,
  quarantine: [],
  facts: Buffer.from([0, 1, 255]),
};
export const accessRequestRow: AccessRequest = {
  tenant: 'ten_a',
  id: 'req_a',
  recording: 'rec_a',
  requester: 'usr_a',
  purpose: 'quality',
  objects: ['audio'],
  minutes: 15,
  state: 'REQUESTED',
  version: 1,
  created: '2026-11-25T12:00:00.000Z',
  expires: '2026-11-25T13:00:00.000Z',
  approvalsNeeded: 1,
  policy: 'pol_a',
  words: Buffer.from('words'),
  mac: Buffer.alloc(32, 7),
};
export const grant: Grant = {
  tenant: 'ten_a',
  id: 'grt_a',
  request: 'req_a',
  batch: null,
  recording: 'rec_a',
  person: 'usr_a',
  purpose: 'quality',
  objects: ['audio'],
  state: 'APPROVED',
  version: 1,
  approved: '2026-11-25T12:00:00.000Z',
  expires: '2026-11-25T13:00:00.000Z',
  uses: 3,
  usesLeft: 3,
  minutes: 60,
  opensUntil: '2026-11-25T20:00:00.000Z',
  started: null,
  extendMinutes: 10,
  extended: null,
  revokedAt: null,
  revokedBy: null,
  revokedWords: null,
  done: null,
  doneWords: null,
  mac: Buffer.alloc(32, 7),
};

/** A recording of this id with a distinct natural key. */
export function recordingOf(id: string, what: Partial<Recording> = {}): Recording {
  return { ...recording, id, natural: Buffer.from(id), ...what };
}

/** One change with one event. */
export async function changeWithEvent<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const change = await db.change(async (tx) => ({ result: await work(tx), events: [someEvent()] }), wait);
  return change.result;
}

/** Inserts the deposit and the session. */
export function insertRows(db: Database): Promise<void> {
  return changeWithEvent(db, async (tx) => {
    await tx.deposits.insert(deposit);
    await tx.sessions.insert(session);
  });
}

/** A promise, and the function that fulfils it. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
