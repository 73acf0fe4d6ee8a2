// Bookkeeping: each method of Notes writes only its own columns, and only for the holder of the lease.
import { describe, expect } from 'vitest';
import type { ExpiryRow } from '../../src/model/retention/rows.ts';
import type { Notes } from '../../src/ports/database.ts';
import {
  changeWithEvent,
  deposit,
  insertRows,
  recordingOf,
  session,
  someEvent,
  wait,
} from '../support/fixture-rows.ts';
import { passkey, signIn, tenant, wrappedKeyRow } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';
import { heldOf, holdOf } from './database-holds.ts';
import { INGEST_KEY } from './database-ingest-keys.ts';

const part = { tenant: 'ten_a', deposit: 'dep_a', number: 0, size: 5, receipt: '5', header: Buffer.alloc(56) };
const window = { tenant: 'ten_a', action: 'a', subject: 's', target: 't', start: '2026-11-25T12:00:00.000Z' };
const opening = { ...window, ends: '2026-11-25T12:05:00.000Z', first: '{}' };

const claim = { tenant: 'ten_a', principal: 'usr_a', route: 'POST /a', key: Buffer.from('k'), owner: 'me' };
const body = Buffer.from('b');
const entryRow = { tenant: 'ten_a', subject: 'rec_a', n: 1, at: 'a', entry: Buffer.from('e'), stored: false };
const erasure = {
  ...{ tenant: 'ten_a', recording: 'rec_a', tombstone: 't', list: null },
  ...{ begun: 'a', pass: 0, due: 'b', hours: null },
};
const pass = { tenant: 'ten_a', version: 2, reached: '' };
const indexedRow = { tenant: 'ten_a', id: 'rec_a', version: 1, startedAt: 'a', facts: null, source: null };
const agentIndex = { label: 'agent', value: Buffer.alloc(16, 1) } as const;
const queueIndex = { label: 'queue', value: Buffer.alloc(16, 2) } as const;
const placing = holdOf('hld_a', { state: 'PLACING', settled: false });
const withdrawal = { tenant: 'ten_a', id: 'wdr_a', created: 'a', at: 'a', purposes: [], reached: '', due: 'a' };
const EVERY = ['*'];

// Methods of Notes that lock or read what others write.
const READS: Record<string, (notes: Notes) => Promise<unknown>> = {
  'indexes.share': (n) => n.indexes.share('ten_a'),
  'indexes.lock': (n) => n.indexes.lock('ten_a', ['rec_a']),
  'indexes.values': (n) => n.indexes.values('ten_a', 'rec_a', 'rec_a'),
};

type Written = readonly [
  table: string,
  columns: string[],
  run: (notes: Notes) => Promise<unknown>,
  others?: Readonly<Record<string, string[]>>,
];

// Every method of Notes, its table, and the columns that it may write: `*` for a table of bookkeeping only; and of others.
const METHODS: Record<string, Written> = {
  'deposits.renewLease': ['deposit', ['lease_until'], (n) => n.deposits.renewLease(deposit, 'me', 'z')],
  'deposits.takeLease': [
    'deposit',
    ['lease_owner', 'lease_until'],
    (n) => n.deposits.takeLease(deposit, 'you', '2026-11-25T12:02:00.000Z', 'z'),
  ],
  'deposits.setUpload': ['deposit', ['upload_id'], (n) => n.deposits.setUpload(deposit, 'me', 'upload')],
  'deposits.putPart': ['part', ['size', 'receipt', 'header'], (n) => n.deposits.putPart(deposit, 'me', part)],
  'deposits.setVerified': ['deposit', ['verified_at'], (n) => n.deposits.setVerified(deposit, 'z')],
  'recordings.fillQueues': ['recording', ['queue'], (n) => n.recordings.fillQueues(9)],
  'tenants.blobWritten': ['tenant', ['blob_wrap'], (n) => n.tenants.blobWritten('ten_a', 1)],
  'wrappedKeys.envelopesWritten': [
    'wrapped_key',
    ['envelope_wrap'],
    (n) => n.wrappedKeys.envelopesWritten('ten_a', ['dep_a'], 1),
  ],
  'wrappedKeys.envelopeFound': [
    'wrapped_key',
    ['envelope_wrap'],
    (n) => n.wrappedKeys.envelopeFound('ten_a', 'dep_a', 0),
  ],
  'sessions.countUnwrap': ['session', ['unwraps'], (n) => n.sessions.countUnwrap(session)],
  'sessions.count': [
    'session',
    ['ranges', 'bytes', 'heard', 'played_minutes'],
    (n) => n.sessions.count(session, { bytes: 100, servedRange: [1_000, 2_000] }),
  ],
  'sessions.countWithin': [
    'session',
    ['ranges', 'bytes', 'heard', 'played_minutes'],
    (n) =>
      n.sessions.countWithin(
        session,
        { bytes: 100, servedRange: [1_000, 2_000] },
        { principal: session.principal, minutes: 5, from: '2026-11-25T00:00:00.000Z', to: '2026-11-26T00:00:00.000Z' },
      ),
  ],
  'signIns.seen': ['sign_in', ['seen', 'idle_ends'], (n) => n.signIns.seen('ten_a', 'sgn_a', 'y', 'z')],
  'signIns.used': ['passkey', ['counter', 'last_used'], (n) => n.signIns.used('ten_a', 'pky_a', 9, 'z')],
  'signIns.challengeKey': ['challenge_key', EVERY, (n) => n.signIns.challengeKey(Buffer.from('k'))],
  'signIns.answered': ['answered_challenge', EVERY, (n) => n.signIns.answered('d', 'z')],
  'signIns.forget': ['answered_challenge', EVERY, (n) => n.signIns.forget('z', 9)],
  'idempotency.claim': ['idempotency', EVERY, (n) => n.idempotency.claim({ ...claim, owner: 'you' }, body, 'y', 'z')],
  'idempotency.release': ['idempotency', EVERY, (n) => n.idempotency.release(claim)],
  'seals.reread': [
    'audit_head',
    ['reread'],
    (n) => n.seals.reread('ten_a', '2027-01-01T00:00:00.000Z', '2026-12-31T00:00:00.000Z'),
  ],
  'seals.seal': ['audit_seal', EVERY, (n) => n.seals.seal('deployment', { size: 1, note: 'note' }, [])],
  'clocks.beat': ['clock_beat', EVERY, (n) => n.clocks.beat('node-1', '2027-01-01T00:00:00.000Z')],
  'holds.hold': ['audit_head', ['held'], (n) => n.holds.hold('ten_a', 'fork', -1)],
  'amendments.markStored': ['amendment', ['stored'], (n) => n.amendments.markStored(entryRow)],
  'erasures.take': ['erasure', ['due'], (n) => n.erasures.take({ ...erasure, seq: 1 }, 'z')],
  'erasures.passDone': ['erasure', ['pass', 'due'], (n) => n.erasures.passDone({ ...erasure, seq: 1 }, 'z')],
  'erasures.setList': ['erasure', ['list'], (n) => n.erasures.setList('ten_a', ['rec_a'], 'l')],
  'erasures.restart': [
    'erasure',
    ['pass', 'due', 'hours'],
    (n) => n.erasures.restart({ ...erasure, seq: 1 }, '2026112512', 'z'),
  ],
  'erasures.setLastReplay': ['replay', EVERY, (n) => n.erasures.setLastReplay('ten_a', 'z')],
  'replays.moveMark': ['replay', ['entries'], (n) => n.replays.moveMark('ten_a', null, 'z')],
  'retention.setLifetimes': [
    'recording',
    ['keep_until', 'erase_after', 'ruled', 'profile'],
    (n) => n.retention.setLifetimes([lifetime]),
  ],
  'retention.advance': ['expiry', ['swept'], (n) => n.retention.advance('ten_a', 'ret_a', '', 'rec_a')],
  'retention.addProfile': ['profile', EVERY, (n) => n.retention.addProfile(profileRow)],
  'replays.ask': ['replay_question', EVERY, (n) => n.replays.ask('ten_a')],
  'replays.answer': ['replay_question', ['answered'], (n) => n.replays.answer({ tenant: 'ten_a', asked: 1 })],
  'indexes.begin': ['index_progress', EVERY, (n) => n.indexes.begin('ten_a', 3)],
  'indexes.advance': ['index_progress', ['reached'], (n) => n.indexes.advance(pass, 'rec_a')],
  'indexes.finish': ['index_progress', ['complete'], (n) => n.indexes.finish(pass)],
  'indexes.add': ['blind_index', EVERY, (n) => n.indexes.add(indexedRow, [queueIndex])],
  'indexes.remove': ['blind_index', EVERY, (n) => n.indexes.remove(indexedRow, [agentIndex])],
  'indexes.setSource': [
    'recording',
    ['source'],
    (n) => n.indexes.setSource({ ...indexedRow, id: 'rec_unfilled' }, 'pbx'),
  ],
  'consent.moveOn': [
    'withdrawal',
    ['reached', 'due'],
    (n) => n.consent.moveOn(withdrawal, { reached: 'rec_a', due: null }),
  ],
  'legalHolds.reach': [
    'hold',
    ['reached', 'version', 'state', 'settled'],
    (n) => n.legalHolds.reach(placing, 'rec_a', true),
  ],
  'legalHolds.lowerCounts': [
    'hold_recording',
    ['lifted'],
    (n) => n.legalHolds.lowerCounts({ tenant: 'ten_a', id: 'hld_a' }, 9),
    { hold: ['settled'], recording: ['holds'] },
  ],
  'legalHolds.setDamaged': ['hold', ['damaged'], (n) => n.legalHolds.setDamaged('ten_a', 'hld_a', 'now')],
  'legalHolds.clearDamage': ['hold', ['damaged'], (n) => n.legalHolds.clearDamage('ten_a')],
  'idempotency.forget': ['idempotency', EVERY, (n) => n.idempotency.forget('y', 9)],
  'windows.increment': ['window', ['count'], (n) => n.windows.increment(window)],
  'ingestKeys.fileArrived': ['ingest_key', ['last_file_at'], (n) => n.ingestKeys.fileArrived('ten_a', 'ink_b', 'z')],
  'ingestKeys.signed': ['ingest_key', ['note'], (n) => n.ingestKeys.signed('ten_a', 'ink_b', 'a note\n')],
  'ingestKeys.blobWritten': ['ingest_key', ['blob_wrap'], (n) => n.ingestKeys.blobWritten('ten_a', 'ink_b', 1)],
  'windows.forget': ['window', EVERY, (n) => n.windows.forget(window)],
};

const expiryRow: ExpiryRow = {
  ...{ tenant: 'ten_a', version: 1, since: null, actor: null, applying: 'ret_a', swept: '' },
  ...{ state: 'RUNNING', most: null, day: '2026-11-25', erased: 0 },
};
const profileRow = { tenant: 'ten_a', id: Buffer.from('p'), attributes: Buffer.from('a') };
const lifetime = {
  ...{ tenant: 'ten_a', id: 'rec_unfilled', version: 1, keepUntil: 'y', eraseAfter: 'z', ruled: 'ret_a' },
  profile: Buffer.from('p'),
};

export function notes(databaseCase: DatabaseCase): void {
  describe('a note', () => {
    const it = inGroup('a note', databaseCase);

    for (const [name, [table, columns, run, others = {}]] of Object.entries(METHODS)) {
      it(`${name} writes only its columns`, async ({ tested: database, db }) => {
        await insertRows(db);
        await changeWithEvent(db, async (tx) => {
          await tx.windows.open(opening);
          await tx.recordings.insert(recordingOf('rec_unfilled'));
          await tx.tenants.insert({ ...tenant, blobWrap: 0 });
          await tx.wrappedKeys.insert({ ...wrappedKeyRow, envelopeWrap: 2 });
          await tx.ingestKeys.insert({ ...INGEST_KEY, blobWrap: 0 });
          await tx.signIns.insertSignIn(signIn);
          await tx.signIns.insertPasskey(passkey);
          await tx.amendments.insert(entryRow);
          await tx.retention.insertExpiry(expiryRow);
          await tx.consent.insertWithdrawal(withdrawal, []);
          await tx.legalHolds.insert({
            ...placing,
            ...(name === 'legalHolds.lowerCounts' ? { state: 'LIFTED' } : {}),
            damaged: name === 'legalHolds.clearDamage',
          });
          await tx.legalHolds.add(heldOf('hld_a', 'rec_a'));
          await tx.legalHolds.count('ten_a', ['rec_a'], 1);
        });
        await db.change(async () => ({ result: null, events: [someEvent()], erasures: [erasure] }), wait);
        if (name === 'deposits.putPart') {
          await db.note((n) => n.deposits.putPart(deposit, 'me', { ...part, size: 9, receipt: '9' }), wait);
        }
        await db.note((n) => n.idempotency.claim(claim, body, 'a', 'y'), wait);
        await db.note((n) => n.signIns.answered('c', 'y'), wait);
        await db.note((n) => n.erasures.setLastReplay('ten_a', 'y'), wait);
        await db.note((n) => n.replays.ask('ten_a'), wait);
        await db.note((n) => n.indexes.begin('ten_a', 2), wait);
        await db.note((n) => n.indexes.add(indexedRow, [agentIndex]), wait);
        const before = await database.everything();
        await db.note(run, wait);
        const after = await database.everything();
        expect(after).not.toEqual(before);
        for (const tables of [before, after]) {
          if (columns === EVERY) tables[table] = [];
          for (const [written, its] of Object.entries({ [table]: columns, ...others }))
            for (const row of tables[written] as Record<string, unknown>[])
              for (const column of its) delete row[column];
        }
        expect(after).toEqual(before);
      });
    }

    for (const [name, run] of Object.entries(READS)) {
      it(`${name} writes nothing`, async ({ tested: database, db }) => {
        await changeWithEvent(db, async (tx) => {
          await tx.tenants.insert(tenant);
          await tx.recordings.insert(recordingOf('rec_a'));
        });
        await db.note((n) => n.indexes.add(indexedRow, [agentIndex]), wait);
        const before = await database.everything();
        const found = await db.note(run, wait);
        expect(found).toMatchObject(Array.isArray(found) ? [expect.anything()] : { state: 'ACTIVE' });
        expect(await database.everything()).toEqual(before);
      });
    }

    it('has no other method that changes anything', async ({ db }) => {
      const offered = await db.note(
        async (offer) =>
          Object.entries(offer).flatMap(([area, of]) => Object.keys(of).map((method) => `${area}.${method}`)),
        wait,
      );
      expect(offered.sort()).toEqual([...Object.keys(METHODS), ...Object.keys(READS)].sort());
    });

    it('without the lease does nothing', async ({ tested: database, db }) => {
      await insertRows(db);
      const before = await database.everything();
      const results = await db.note(
        async ({ deposits }) => [
          await deposits.renewLease(deposit, 'you', 'z'),
          await deposits.takeLease(deposit, 'you', deposit.created, 'z'),
          await deposits.setUpload(deposit, 'you', 'upload'),
          await deposits.putPart(deposit, 'you', part),
        ],
        wait,
      );
      expect(results).toEqual([false, false, false, false]);
      expect(await database.everything()).toEqual(before);
    });

    it('stores no upload and no part of an aborted deposit', async ({ db }) => {
      await insertRows(db);
      await changeWithEvent(db, (tx) => tx.deposits.change(deposit, { state: 'ABORTING' }));
      expect(await db.note((n) => n.deposits.setUpload(deposit, 'me', 'upload'), wait)).toBe(false);
      expect(await db.note((n) => n.deposits.putPart(deposit, 'me', part), wait)).toBe(false);
    });

    it('gives an expired lease to one of many claimants', async ({ db, another }) => {
      await insertRows(db);
      const other = await another();
      const takers = Array.from({ length: 8 }, (_, n) =>
        (n % 2 === 0 ? db : other).note(
          (note) =>
            note.deposits.takeLease(deposit, `you-${n}`, '2026-11-25T12:02:00.000Z', '2026-11-25T12:03:00.000Z'),
          wait,
        ),
      );
      expect((await Promise.all(takers)).filter(Boolean)).toHaveLength(1);
    });
  });
}
