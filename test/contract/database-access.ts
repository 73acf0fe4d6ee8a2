// Reads of requests, decisions and grants of many recordings, and filters of recordings by their clear columns.
import { describe, expect } from 'vitest';
import type { RecordingFilter } from '../../src/ports/rows/recording-rows.ts';
import {
  accessRequestRow,
  changeWithEvent,
  deposit,
  grant,
  recordingOf,
  session,
  wait,
} from '../support/fixture-rows.ts';
import { decisionRow, principal } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const NOW = '2026-11-25T12:30:00.000Z';
const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

export function access(databaseCase: DatabaseCase): void {
  describe('access', () => {
    const it = inGroup('access', databaseCase);

    it('filters requests by requester and state, and counts them', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_1' });
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_2', state: 'DENIED' });
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_3', requester: 'usr_b' });
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_4', created: '2026-10-01T00:00:00.000Z' });
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_5', tenant: 'ten_b' });
      });
      await db.read(async ({ access: rows }) => {
        expect(ids(await rows.requests('ten_a', { notBy: 'usr_a' }, null, 9))).toEqual(['req_3']);
        expect(ids(await rows.requests('ten_a', { state: 'REQUESTED' }, null, 2))).toEqual(['req_4', 'req_3']);
        expect(ids(await rows.requests('ten_a', { state: 'REQUESTED' }, 'req_3', 9))).toEqual(['req_1']);
        expect(ids(await rows.requests('ten_a', { requester: 'usr_a', state: 'DENIED' }, null, 9))).toEqual(['req_2']);
        expect(await rows.countRequests('ten_a', 'usr_a', '2026-11-01T00:00:00.000Z')).toEqual([
          { state: 'DENIED', requests: 1 },
          { state: 'REQUESTED', requests: 1 },
        ]);
        expect(await rows.countRequests('ten_c', 'usr_a', '')).toEqual([]);
        expect(await rows.countOpen('ten_a', 'usr_a', accessRequestRow.created)).toBe(2);
        expect(await rows.countOpen('ten_a', 'usr_a', accessRequestRow.expires)).toBe(0);
        expect(await rows.countOpen('ten_c', 'usr_a', accessRequestRow.created)).toBe(0);
      }, wait);
    });

    it('reads decisions, grants, deposits, people and recordings of many ids at once', async ({ db }) => {
      const narrowed = { ...decisionRow, approver: 'usr_b', minutes: 5, objects: ['audio'] };
      const revoked = { revokedAt: NOW, revokedBy: 'usr_b', revokedWords: Buffer.from('why') };
      const over = { ...grant, id: 'grt_2', request: 'req_2', state: 'REVOKED', ...revoked } as const;
      await changeWithEvent(db, async (tx) => {
        await tx.access.insertDecision(narrowed);
        await tx.access.insertDecision({ ...decisionRow, request: 'req_2', approver: 'usr_c' });
        await tx.access.insertDecision({ ...decisionRow, request: 'req_3', approver: 'usr_c' });
        await tx.access.insertGrant(grant);
        await tx.access.insertGrant(over);
        for (const id of ['usr_1', 'usr_2', 'usr_3']) await tx.principals.insert({ ...principal, id });
        for (const id of ['rec_1', 'rec_2', 'rec_3']) {
          await tx.recordings.insert(recordingOf(id));
          await tx.deposits.insert({ ...deposit, id: `dep_${id}`, recording: id, state: 'AVAILABLE' });
          await tx.deposits.insert({ ...deposit, id: `old_${id}`, recording: id, state: 'ABORTED' });
        }
      });
      await db.read(async (read) => {
        const decisions = await read.access.decisionsOf('ten_a', ['req_a', 'req_2', 'req_9']);
        expect(decisions).toEqual([narrowed, expect.objectContaining({ request: 'req_2' })]);
        expect(await read.access.grantsOf('ten_a', ['req_a', 'req_2', 'req_9'])).toEqual([over, grant]);
        expect(ids(await read.principals.findMany('ten_a', ['usr_3', 'usr_1', 'usr_9']))).toEqual(['usr_1', 'usr_3']);
        expect(ids(await read.recordings.findMany('ten_a', ['rec_1', 'rec_3'])).sort()).toEqual(['rec_1', 'rec_3']);
        expect([await read.recordings.hasAny('ten_a'), await read.recordings.hasAny('ten_b')]).toEqual([true, false]);
        expect(ids(await read.deposits.availableOf('ten_a', ['rec_1', 'rec_3']))).toEqual(['dep_rec_1', 'dep_rec_3']);
        const among = await read.deposits.availableAmong('ten_a', ['old_rec_1', 'dep_rec_2', 'dep_9']);
        expect(among).toEqual(['dep_rec_2']);
        const none = [
          await read.access.decisionsOf('ten_a', []),
          await read.access.grantsOf('ten_b', ['req_a']),
          await read.principals.findMany('ten_a', []),
          await read.recordings.findMany('ten_a', []),
          await read.deposits.availableOf('ten_a', []),
          await read.deposits.availableAmong('ten_a', []),
          await read.deposits.availableAmong('ten_b', ['dep_rec_1']),
        ];
        expect(none).toEqual([[], [], [], [], [], [], []]);
      }, wait);
    });

    it('filters grants by person, recording, and whether they are live or wait in a queue', async ({ db }) => {
      const live = { expires: '2026-11-25T13:00:00.000Z' };
      const put = (n: number, what: Partial<typeof grant>) => ({
        ...grant,
        id: `grt_${n}`,
        request: `req_${n}`,
        ...what,
      });
      await changeWithEvent(db, async (tx) => {
        await tx.access.insertGrant(put(1, live));
        await tx.access.insertGrant(put(2, { ...live, state: 'CONSUMED' }));
        await tx.access.insertGrant(put(3, { ...live, state: 'REVOKED' }));
        await tx.access.insertGrant(put(4, { expires: '2026-11-25T12:30:00.000Z' }));
        await tx.access.insertGrant(put(5, { ...live, person: 'usr_b' }));
        await tx.access.insertGrant(
          put(6, { ...live, request: null, batch: 'bat_1', person: 'usr_c', recording: 'rec_6', started: null }),
        );
        const started = '2026-11-25T12:00:00.000Z';
        await tx.access.insertGrant(put(7, { ...live, request: null, batch: 'bat_1', person: 'usr_c', started }));
        await tx.access.insertGrant(put(8, { ...live, person: 'usr_c', opensUntil: live.expires }));
      });
      await db.read(async ({ access: rows }) => {
        const found = (filter: object, before: string | null = null, limit = 9) =>
          rows.grants('ten_a', filter, before, limit).then(ids);
        expect(await found({ person: 'usr_a', liveAt: NOW })).toEqual(['grt_2', 'grt_1']);
        expect(await found({ liveAt: NOW })).toEqual(['grt_8', 'grt_7', 'grt_6', 'grt_5', 'grt_2', 'grt_1']);
        // A grant of a request that waits for its first listen is in no queue.
        expect(await found({ person: 'usr_c', liveAt: NOW, queued: false })).toEqual(['grt_8', 'grt_7']);
        expect(await found({ person: 'usr_c', liveAt: NOW, queued: true })).toEqual(['grt_6']);
        expect(await found({ person: 'usr_c', liveAt: NOW, recording: 'rec_6' })).toEqual(['grt_6']);
        expect(await found({ person: 'usr_a' }, null, 2)).toEqual(['grt_4', 'grt_3']);
        expect(await found({ person: 'usr_a' }, 'grt_3')).toEqual(['grt_2', 'grt_1']);
        expect(await rows.grants('ten_b', {}, null, 9)).toEqual([]);
      }, wait);
    });

    it('lists the sessions of a person since a time, oldest first', async ({ db }) => {
      const at = (n: number) => `2026-11-25T12:0${n}:00.000Z`;
      await changeWithEvent(db, async (tx) => {
        for (const n of [2, 1, 0]) await tx.sessions.insert({ ...session, id: `ses_${n}`, opened: at(n) });
        await tx.sessions.insert({ ...session, id: 'ses_3', principal: 'usr_b', opened: at(3) });
      });
      const found = await db.read((read) => read.sessions.openedSince('ten_a', 'usr_a', at(1)), wait);
      expect(ids(found)).toEqual(['ses_1', 'ses_2']);
    });

    it('filters recordings by their clear columns', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        const put = (n: number, what: object) => tx.recordings.insert(recordingOf(`rec_${n}`, what));
        await put(1, { direction: 'inbound', durationMs: 1000, language: 'en' });
        await put(2, { direction: 'outbound', durationMs: 2000 });
        await put(3, { direction: 'inbound', durationMs: 3000, quarantine: ['basis'] });
        await put(4, { durationMs: null, state: 'ERASED' });
        await put(5, { durationMs: null, state: 'ERASING' });
        await put(6, { durationMs: null, state: 'EXPECTED', described: true });
      });
      const found = (filter: Omit<RecordingFilter, 'indexes'>) =>
        db.read(async (read) => ids(await read.recordings.page('ten_a', { indexes: [], ...filter }, null, 9)), wait);
      expect(await found({ direction: 'inbound' })).toEqual(['rec_3', 'rec_1']);
      expect(await found({ language: 'en' })).toEqual(['rec_1']);
      expect(await found({ minMs: 2000 })).toEqual(['rec_3', 'rec_2']);
      expect(await found({ maxMs: 2000 })).toEqual(['rec_2', 'rec_1']);
      expect(await found({ minMs: 1500, maxMs: 2500, direction: 'inbound' })).toEqual([]);
      expect(await found({ state: 'available' })).toEqual(['rec_2', 'rec_1']);
      expect(await found({ state: 'quarantined' })).toEqual(['rec_3']);
      expect(await found({ state: 'erased' })).toEqual(['rec_5', 'rec_4']);
      expect(await found({ state: 'expected' })).toEqual(['rec_6']);
    });

    it('filters recordings by a person’s access', async ({ db }) => {
      const gone = '2026-11-25T12:30:00.000Z';
      await changeWithEvent(db, async (tx) => {
        for (const n of [1, 2, 3, 4, 5, 6, 7]) await tx.recordings.insert(recordingOf(`rec_${n}`));
        const put = (id: string, n: number, what: object = {}) =>
          tx.access.insertRequest({ ...accessRequestRow, id, recording: `rec_${n}`, ...what });
        const give = (id: string, n: number, what: object = {}) =>
          tx.access.insertGrant({ ...grant, id: `grt_${id}`, request: id, recording: `rec_${n}`, ...what });
        await put('req_1', 1);
        await put('req_2', 2, { state: 'APPROVED' });
        await give('req_2', 2);
        await put('req_2b', 2);
        await put('req_3', 3, { state: 'APPROVED' });
        await give('req_3', 3, { expires: gone });
        await put('req_4', 4, { state: 'DENIED' });
        await put('req_4b', 4, { requester: 'usr_b' });
        await put('req_5', 5, { expires: gone });
        await put('req_6', 6, { state: 'APPROVED', requester: 'usr_b' });
        await give('req_6', 6, { person: 'usr_b' });
        await put('req_7a', 7, { state: 'CANCELLED' });
        await put('req_1z', 1, { state: 'DENIED' });
        await put('req_7', 7, { state: 'APPROVED' });
        await give('req_7', 7, { state: 'CONSUMED', usesLeft: 0 });
      });
      const found = (standing: 'listen' | 'pending' | 'over', person = 'usr_a') => {
        const filter = { indexes: [], mine: { person, access: standing, now: NOW } };
        return db.read(async (read) => ids(await read.recordings.page('ten_a', filter, null, 9)), wait);
      };
      const all = [1, 2, 3, 4, 5, 6, 7].map((n) => `rec_${n}`);
      const current = (person: string, recordings = all) =>
        db.read((read) => read.access.currentRequests('ten_a', person, recordings, NOW), wait);
      const standing = async (person: string, recordings = all) =>
        (await current(person, recordings)).map(({ request }) => request.id);
      // A usable grant comes before a newer request, an open request before an ended one; one entry for each recording.
      expect(await standing('usr_a')).toEqual(['req_1', 'req_2', 'req_3', 'req_4', 'req_5', 'req_7a']);
      expect(await standing('usr_b')).toEqual(['req_4b', 'req_6']);
      expect([await standing('usr_a', ['rec_6', 'rec_9']), await standing('usr_a', [])]).toEqual([[], []]);
      // Each with its grant, and no more of both rows than decides the state.
      const { expires, approvalsNeeded, purpose } = accessRequestRow;
      const asked = { id: 'req_2', recording: 'rec_2', purpose, state: 'APPROVED', expires, approvalsNeeded };
      const { tenant, state, usesLeft, revokedBy, revokedWords } = grant;
      const given = { tenant, id: 'grt_req_2', state, expires: grant.expires, usesLeft, revokedBy, revokedWords };
      expect(await current('usr_a', ['rec_1', 'rec_2'])).toEqual([
        { request: { ...asked, id: 'req_1', recording: 'rec_1', state: 'REQUESTED' }, grant: null },
        { request: asked, grant: given },
      ]);
      expect(await found('listen')).toEqual(['rec_2']);
      expect(await found('pending')).toEqual(['rec_1']);
      expect(await found('over')).toEqual(['rec_7', 'rec_5', 'rec_4', 'rec_3']);
      expect([await found('listen', 'usr_b'), await found('over', 'usr_c')]).toEqual([['rec_6'], []]);
    });
  });
}
