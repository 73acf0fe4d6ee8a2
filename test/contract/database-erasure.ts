// Erasure in a database: the data that goes with a recording, the row of the remaining work, and overwriting deleted data.
import { describe, expect } from 'vitest';
import type { NewErasure } from '../../src/model/erasure.ts';
import {
  accessRequestRow,
  changeWithEvent,
  deposit,
  gate,
  grant,
  recording,
  session,
  someEvent,
  wait,
} from '../support/fixture-rows.ts';
import { decisionRow, wrappedKeyRow } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const erasure: NewErasure = {
  tenant: 'ten_a',
  recording: 'rec_a',
  tombstone: 't/ten_a/x/20261125/rec_a.json',
  list: null,
  begun: '2026-11-25T12:00:00.000Z',
  pass: 0,
  due: '2026-11-25T12:00:00.000Z',
  hours: null,
};
const sealed = (word: string) => ({ salt: Buffer.from(`salt ${word}`), commitment: 'c', sealed: Buffer.from(word) });
const about = (object: object, word: string) => ({
  ...someEvent(),
  object: object as ReturnType<typeof someEvent>['object'],
  detail: sealed(word),
});

export function erasing(databaseCase: DatabaseCase): void {
  describe('an erasure', () => {
    const it = inGroup('an erasure', databaseCase);

    it('has the index of the event that began it, and advances from pass to pass', async ({ db }) => {
      await changeWithEvent(db, async () => undefined);
      const events = [someEvent(), someEvent()];
      const { receipts } = await db.change(async () => ({ result: null, events, erasures: [erasure] }), wait);
      const stored = { ...erasure, seq: 1 };
      expect(receipts[0]?.seq).toBe(1);
      const find = () => db.read((read) => read.erasures.find('ten_a', 'rec_a'), wait);
      const due = (now: string) => db.read((read) => read.erasures.due(now, 9), wait);
      expect(await find()).toEqual(stored);
      expect(await db.read((read) => read.erasures.find('ten_b', 'rec_a'), wait)).toBeNull();
      expect(await due('2026-11-25T11:59:59.999Z')).toEqual([]);
      expect(await due('2026-11-25T12:00:00.000Z')).toEqual([stored]);

      const later = '2026-11-25T12:01:00.000Z';
      const take = () => db.note((n) => n.erasures.take(stored, later), wait);
      expect([await take(), await take()].sort()).toEqual([false, true]);
      expect(await due('2026-11-25T12:00:59.999Z')).toEqual([]);
      const pass = (to: string | null) => db.note((n) => n.erasures.passDone(stored, to), wait);
      expect([await pass(later), await pass(later)]).toEqual([true, false]);
      expect(await find()).toEqual({ ...stored, pass: 1, due: later });
      await db.note((n) => n.erasures.passDone({ ...stored, pass: 1 }, null), wait);
      expect(await due('9')).toEqual([]);
      await expect(
        db.change(async () => ({ result: null, events, erasures: [{ ...erasure, tenant: 'ten_b' }] }), wait),
      ).rejects.toMatchObject({ code: 'internal' });
    });

    it('are counted by the event that began them, newest first', async ({ db }) => {
      const of = (recording: string): NewErasure => ({ ...erasure, recording });
      const store = (...erasures: NewErasure[]) =>
        db.change(async () => ({ result: null, events: [someEvent()], erasures }), wait);
      await store(of('rec_b'), of('rec_a'));
      await changeWithEvent(db, async () => undefined);
      await store(of('rec_c'));
      const events = (below: number, limit = 9) => db.read((rows) => rows.erasures.events('ten_a', below, limit), wait);
      const [first, last] = [
        { seq: 0, recordings: 2, unfinished: 2 },
        { seq: 2, recordings: 1, unfinished: 1 },
      ];
      expect(await events(Number.MAX_SAFE_INTEGER)).toEqual([last, first]);
      expect(await events(Number.MAX_SAFE_INTEGER, 1)).toEqual([last]);
      expect(await events(2)).toEqual([first]);
      expect(await events(0)).toEqual([]);
      expect(await db.read((rows) => rows.erasures.events('ten_b', 9, 9), wait)).toEqual([]);
      for (const pass of [0, 1])
        await db.note((n) => n.erasures.passDone({ ...of('rec_a'), seq: 0, pass }, erasure.due), wait);
      expect(await events(2)).toEqual([{ ...first, unfinished: 1 }]);
    });

    it('knows the tombstone list that has it, and the other erasures of its event', async ({ db }) => {
      const of = (recording: string): NewErasure => ({ ...erasure, recording });
      const store = (...erasures: NewErasure[]) =>
        db.change(async () => ({ result: null, events: [someEvent()], erasures }), wait);
      await store(of('rec_b'), of('rec_a'));
      await store(of('rec_c'));
      const lists = (seq: number) =>
        db.read(async ({ erasures }) => {
          const rows = await erasures.begunBy('ten_a', seq);
          return rows.map(({ recording, list }) => `${recording} ${list}`);
        }, wait);
      expect([await lists(0), await lists(1), await lists(2)]).toEqual([
        ['rec_a null', 'rec_b null'],
        ['rec_c null'],
        [],
      ]);
      await changeWithEvent(db, async () => undefined);
      const unlisted = (after: string, limit: number) =>
        db.read(async ({ erasures }) => {
          const rows = await erasures.unlisted('ten_a', after, limit);
          return [await erasures.countUnlisted('ten_a'), ...rows.map(({ recording }) => recording)];
        }, wait);
      // What a first pass must list itself is not among them.
      expect(await unlisted('', 9)).toEqual([0]);
      for (const recording of ['rec_a', 'rec_b', 'rec_c'])
        await db.note((n) => n.erasures.passDone({ ...of(recording), seq: 0 }, null), wait);
      expect(await unlisted('', 9)).toEqual([3, 'rec_a', 'rec_b', 'rec_c']);
      expect([await unlisted('rec_a', 1), await unlisted('rec_c', 9)]).toEqual([[3, 'rec_b'], [3]]);
      const set = (recordings: string[], list: string) =>
        db.note((n) => n.erasures.setList('ten_a', recordings, list), wait);
      expect(await set(['rec_a', 'rec_b', 'rec_x'], 'one')).toBe(2);
      expect(await unlisted('', 9)).toEqual([1, 'rec_c']);
      expect(await set(['rec_b', 'rec_c'], 'two')).toBe(1);
      expect(await db.note((n) => n.erasures.setList('ten_b', ['rec_a'], 'theirs'), wait)).toBe(0);
      expect(await set([], 'none')).toBe(0);
      expect([await lists(0), await lists(1)]).toEqual([['rec_a one', 'rec_b one'], ['rec_c two']]);
      await db.read(async ({ erasures }) => {
        expect((await erasures.knownLists('ten_a', ['one', 'two', 'three'])).sort()).toEqual(['one', 'two']);
        expect(await erasures.knownLists('ten_b', ['one', 'theirs'])).toEqual([]);
        expect(await erasures.knownLists('ten_a', [])).toEqual([]);
        expect(await erasures.listsAfter('ten_a', '', 9)).toEqual(['one', 'two']);
        expect(await erasures.listsAfter('ten_a', '', 1)).toEqual(['one']);
        expect(await erasures.listsAfter('ten_a', 'one', 9)).toEqual(['two']);
      }, wait);
    });

    it('runs all passes again over more hours, also after the last', async ({ db }) => {
      await changeWithEvent(db, async () => undefined);
      await db.change(async () => ({ result: null, events: [someEvent()], erasures: [erasure] }), wait);
      const find = () => db.read((read) => read.erasures.find('ten_a', 'rec_a'), wait);
      const done = { ...erasure, seq: 1, pass: 3, due: null };
      for (const pass of [0, 1, 2])
        await db.note((n) => n.erasures.passDone({ ...done, pass }, pass === 2 ? null : erasure.begun), wait);
      expect(await find()).toEqual(done);
      const later = '2026-11-26T12:00:00.000Z';
      const restart = (from: typeof done) => db.note((n) => n.erasures.restart(from, '2026112512', later), wait);
      expect(await restart({ ...done, pass: 2 })).toBe(false);
      expect(await restart(done)).toBe(true);
      expect(await find()).toEqual({ ...done, pass: 0, due: later, hours: '2026112512' });
    });

    it('lists which recordings exist and are not erased', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const state of ['EXPECTED', 'AVAILABLE', 'ERASING', 'ERASED'] as const)
          await tx.recordings.insert({ ...recording, id: state, natural: Buffer.from(state), state });
        await tx.recordings.insert({ ...recording, tenant: 'ten_b', id: 'theirs', state: 'AVAILABLE' });
      });
      const ids = ['AVAILABLE', 'ERASED', 'EXPECTED', 'ERASING', 'theirs', 'nowhere'];
      const found = await db.read((read) => read.erasures.unerased('ten_a', ids), wait);
      expect([...found].sort()).toEqual(['AVAILABLE', 'EXPECTED']);
    });

    it('deletes the details and texts of its recording, and no others', async ({ db, tested: database }) => {
      const events = [
        about({ type: 'recording', id: 'rec_a' }, 'one'),
        about({ type: 'request', id: 'req_a', recording: 'rec_a' }, 'two'),
        about({ type: 'request', id: 'req_b', recording: 'rec_b' }, 'three'),
        about({ type: 'catalogue', id: 'ten_a' }, 'four'),
        { ...about({ type: 'recording', id: 'rec_a' }, 'five'), log: 'ten_b' },
      ];
      await db.change(async (tx) => {
        await tx.access.insertRequest(accessRequestRow);
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_b', recording: 'rec_b' });
        for (const request of ['req_a', 'req_b'])
          await tx.access.insertDecision({ ...decisionRow, request, approver: 'usr_b', words: Buffer.from('why') });
        const revokedWords = Buffer.from('why revoked');
        await tx.access.insertGrant({ ...grant, revokedWords });
        await tx.access.insertGrant({ ...grant, id: 'grt_b', request: 'req_b', recording: 'rec_b', revokedWords });
        return { result: null, events };
      }, wait);
      await changeWithEvent(db, async (tx) => {
        await tx.log.forgetDetails('ten_a', 'rec_a');
        await tx.access.forgetNotes('ten_a', 'rec_a');
      });
      const rows = await database.everything();
      const details = rows['audit_detail'] as {
        log: string;
        seq: number;
        salt: Buffer | null;
        sealed: Buffer | null;
      }[];
      const remaining = details.map(({ log, seq, sealed: words, salt }) => `${log} ${seq} ${words} ${salt}`).sort();
      expect(remaining).toEqual([
        'ten_a 0 null null',
        'ten_a 1 null null',
        'ten_a 2 three salt three',
        'ten_a 3 four salt four',
        'ten_b 0 five salt five',
      ]);
      const [one, other] = [await words('req_a'), await words('req_b')];
      expect(one).toEqual(['', null, null]);
      expect(other).toEqual(['words', 'why', 'why revoked']);

      async function words(id: string) {
        return db.read(async ({ access }) => {
          const [first] = await access.decisions('ten_a', id);
          const text = (bytes: Uint8Array | null | undefined) => (bytes ? Buffer.from(bytes).toString() : null);
          const { words, revokedWords } = {
            words: (await access.request('ten_a', id))?.words,
            revokedWords: (await access.grantOf('ten_a', id))?.revokedWords,
          };
          return [text(words), text(first?.words), text(revokedWords)];
        }, wait);
      }
    });

    it('finds the open requests, grants and sessions of its recording', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const recording of ['rec_a', 'rec_b']) {
          const of = (id: string) => `${id}_${recording}`;
          await tx.access.insertRequest({ ...accessRequestRow, id: of('req_1'), recording });
          await tx.access.insertRequest({ ...accessRequestRow, id: of('req_2'), recording, state: 'APPROVED' });
          await tx.access.insertGrant({
            ...grant,
            id: of('grt_1'),
            request: of('req_1'),
            recording,
            state: 'CONSUMED',
          });
          await tx.access.insertGrant({ ...grant, id: of('grt_2'), request: of('req_2'), recording, state: 'REVOKED' });
          await tx.sessions.insert({ ...session, id: of('ses_1'), recording });
          await tx.sessions.insert({ ...session, id: of('ses_2'), recording, state: 'ENDED' });
          await tx.deposits.insert({ ...deposit, id: of('dep_1'), recording, state: 'ABORTED' });
          await tx.deposits.insert({ ...deposit, id: of('dep_2'), recording, state: 'AVAILABLE' });
        }
      });
      await db.read(async ({ access, sessions, deposits }) => {
        const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
        expect(ids(await access.openRequests('ten_a', 'rec_a'))).toEqual(['req_1_rec_a']);
        expect(ids(await access.openGrants('ten_a', 'rec_a'))).toEqual(['grt_1_rec_a']);
        expect(ids(await sessions.liveOn('ten_a', 'rec_a'))).toEqual(['ses_1_rec_a']);
        const named = ['ses_1_rec_a', 'ses_2_rec_a', 'ses_9'];
        expect(await sessions.liveAmong('ten_a', named)).toEqual(['ses_1_rec_a']);
        expect(await sessions.liveAmong('ten_b', named)).toEqual([]);
        expect(await sessions.liveAmong('ten_a', [])).toEqual([]);
        expect(ids(await deposits.ofRecording('ten_a', 'rec_a'))).toEqual(['dep_1_rec_a', 'dep_2_rec_a']);
      }, wait);
    });

    it('records when tombstones were last replayed', async ({ db }) => {
      const replayed = () => db.read((read) => read.erasures.lastReplay('ten_a'), wait);
      expect(await replayed()).toBeNull();
      for (const at of ['a', 'b']) {
        await db.note((n) => n.erasures.setLastReplay('ten_a', at), wait);
        expect(await replayed()).toBe(at);
      }
    });

    it('overwrites deleted data only once no reader can see it', async ({ db, another }) => {
      const other = await another();
      await changeWithEvent(db, (tx) => tx.wrappedKeys.insert(wrappedKeyRow));
      const [reading, enough] = [gate(), gate()];
      const reader = other.read(async (read) => {
        const before = await read.wrappedKeys.find('ten_a', 'dep_a');
        reading.open();
        await enough.passed;
        expect(await read.wrappedKeys.find('ten_a', 'dep_a')).toEqual(before);
      }, wait);
      await reading.passed;
      await changeWithEvent(db, (tx) => tx.wrappedKeys.delete('ten_a', 'dep_a'));
      expect(await db.forget(wait)).toBeNull();
      enough.open();
      await reader;
      expect(await db.forget(wait)).toMatch(/^(overwritten|freed)$/);
      const late = AbortSignal.abort(new Error('too late'));
      await expect(db.forget({ signal: late })).rejects.toThrow('too late');
    });
  });
}
