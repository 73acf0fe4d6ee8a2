// What a person has used of the limits on listening.
import { describe, expect } from 'vitest';
import { begunMinutes, type ServedRange } from '../../src/model/served-ranges.ts';
import { changeWithEvent, insertRows, session, wait } from '../support/fixture-rows.ts';
import { principal } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const day = { from: '2026-11-25T00:00:00.000Z', to: '2026-11-26T00:00:00.000Z' };

export function limits(databaseCase: DatabaseCase): void {
  describe('limits on listening', () => {
    const it = inGroup('limits on listening', databaseCase);

    it('counts what a person has used of a day, and what is live', async ({ db }) => {
      const [day, now] = ['2026-11-25T00:00:00.000Z', '2026-11-25T12:30:00.000Z'];
      const early = { ...session, opened: '2026-11-24T23:59:59.999Z' };
      await changeWithEvent(db, async (tx) => {
        await tx.sessions.insert({ ...session, id: 'ses_1', ends: now, playedMinutes: 7 });
        await tx.sessions.insert({ ...session, id: 'ses_2', opened: day, ends: '2026-11-25T12:30:00.001Z' });
        await tx.sessions.insert({ ...session, id: 'ses_3', state: 'ENDED', mac: null, playedMinutes: 5 });
        await tx.sessions.insert({ ...early, id: 'ses_4', ends: '2026-11-25T13:00:00.000Z', playedMinutes: 9 });
        await tx.sessions.insert({ ...session, id: 'ses_5', principal: 'usr_b' });
        await tx.sessions.insert({ ...session, id: 'ses_6', tenant: 'ten_b' });
      });
      await db.read(async ({ sessions }) => {
        expect(await sessions.usedBy('ten_a', 'usr_a', day, now)).toEqual({ sessions: 3, minutes: 12, live: 2 });
        expect(await sessions.usedBy('ten_a', 'usr_c', day, now)).toEqual({ sessions: 0, minutes: 0, live: 0 });
      }, wait);
    });

    it('adds minutes of a call up, each part once', async ({ db }) => {
      await insertRows(db);
      const add = async (servedRange: ServedRange) => {
        await db.note((n) => n.sessions.count({ ...session, heard: null }, { bytes: 1, servedRange }), wait);
        return (await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait))?.playedMinutes;
      };
      expect(await add([0, 60_000])).toBe(1);
      expect(await add([30_000, 60_000])).toBe(1);
      expect(await add([30_000, 60_001])).toBe(2);
      expect(await add([300_000, 301_000])).toBe(2);
      // Bytes of a call of unknown length: 8,000 a second. A transcript is no minute.
      await db.note((n) => n.sessions.count(session, { bytes: 960_000, servedRange: null }), wait);
      expect((await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait))?.playedMinutes).toBe(2);
      await db.note((n) => n.sessions.count(session, { bytes: 1, servedRange: null, unplaced: true }), wait);
      expect((await db.read((rows) => rows.sessions.find('ten_a', 'ses_a'), wait))?.playedMinutes).toBe(3);
    });

    it('says what the row had counted before, also where the caller does not know', async ({ db }) => {
      await insertRows(db);
      await changeWithEvent(db, (tx) => tx.principals.insert({ ...principal, id: session.principal }));
      const limit = { ...day, principal: session.principal, minutes: 3 };
      const what = (servedRange: ServedRange) => ({ bytes: 1, servedRange });
      const stale = { ...session, heard: null };
      const count = (range: ServedRange) => db.note((n) => n.sessions.count(stale, what(range)), wait);
      const within = (range: ServedRange, heard: readonly ServedRange[] | null = null) =>
        db.note((n) => n.sessions.countWithin({ ...session, heard }, what(range), limit), wait);
      expect(await count([0, 1_000])).toEqual({ before: null, heard: [[0, 1_000]] });
      expect(await count([500, 2_000])).toEqual({ before: [[0, 1_000]], heard: [[0, 2_000]] });
      expect(await within([2_000, 3_000])).toEqual({ before: [[0, 2_000]], heard: [[0, 3_000]] });
      expect(await within([5_000, 6_000], [[0, 3_000]])).toEqual({
        before: [[0, 3_000]],
        heard: [
          [0, 3_000],
          [5_000, 6_000],
        ],
      });
    });

    it('stops at the minutes of a day, whatever is counted at once by two handles', async ({ db, another }) => {
      await insertRows(db);
      const ids = ['ses_a', 'ses_b', 'ses_c'];
      await changeWithEvent(db, async (tx) => {
        // Minutes are added up under the lock on this row.
        await tx.principals.insert({ ...principal, id: session.principal });
        for (const id of ids.slice(1)) await tx.sessions.insert({ ...session, id });
        // Another day, another person: neither counts.
        await tx.sessions.insert({ ...session, id: 'ses_d', opened: '2026-11-24T23:00:00.000Z', playedMinutes: 50 });
        await tx.sessions.insert({ ...session, id: 'ses_e', principal: 'usr_b', playedMinutes: 50 });
      });
      const other = await another();
      const most = 7;
      const limit = { ...day, principal: session.principal, minutes: most };
      const counted = await Promise.all(
        Array.from({ length: 60 }, (_, n) => {
          const servedRange = [n * 20_000, (n + 1) * 20_000] as const;
          const what = n % 5 === 4 ? { bytes: 160_000, servedRange: null, unplaced: true } : { bytes: 9, servedRange };
          const ref = { ...session, id: ids[n % 3] ?? '' };
          return (n % 2 === 0 ? db : other).note((notes) => notes.sessions.countWithin(ref, what, limit), wait);
        }),
      );
      expect(counted).not.toContain(null);
      expect(counted).toContain('over');
      const rows = await db.read((read) => Promise.all(ids.map((id) => read.sessions.find('ten_a', id))), wait);
      const minutes = rows.map((row) => row?.playedMinutes ?? 0);
      expect(minutes.reduce((sum, one) => sum + one, 0)).toBe(most);
      for (const row of rows) expect(row?.playedMinutes).toBeGreaterThanOrEqual(begunMinutes(row?.heard ?? []));
      // Of what is paid for, all is served: a part again, and the rest of a minute.
      const [row] = rows;
      if (row === undefined || row === null) throw new Error('no session');
      const again = { bytes: 5, servedRange: row.heard?.[0] ?? null };
      expect(await db.note((notes) => notes.sessions.countWithin(row, again, limit), wait)).toEqual({
        before: row.heard,
        heard: row.heard,
      });
      // A looser limit admits more at once.
      const more = { bytes: 5, servedRange: [9_000_000, 9_061_000] } as const;
      expect(await db.note((n) => n.sessions.countWithin(row, more, limit), wait)).toBe('over');
      expect(await db.note((n) => n.sessions.countWithin(row, more, { ...limit, minutes: 99 }), wait)).not.toBe('over');
      await changeWithEvent(db, (tx) => tx.sessions.change(row, { state: 'ENDED', mac: null }));
      expect(await db.note((n) => n.sessions.countWithin(row, again, limit), wait)).toBeNull();
    });
  });
}
