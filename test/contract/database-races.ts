// Concurrent changes by two handles, as by two processes: nothing is lost, nothing happens twice, and the log has no gap.
import { describe, expect } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import {
  changeWithEvent,
  deposit,
  gate,
  grant,
  insertRows,
  ORIGIN,
  recordingOf,
  session,
  someEvent,
  wait,
} from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const eight = [0, 1, 2, 3, 4, 5, 6, 7];

export function races(databaseCase: DatabaseCase): void {
  describe('two handles at once', () => {
    const it = inGroup('two handles at once', databaseCase);

    it('give every event an index, without a gap and in order of time, over two logs', async ({ db, another }) => {
      // Its clock is half a minute ahead, so later events of the other handle would get earlier times.
      const second = await another(30_000);
      const receipts = await Promise.all(
        Array.from({ length: 50 }, (_, n) => {
          const logs = n % 3 === 0 ? ['ten_b', 'ten_a', 'ten_b'] : [n % 2 === 0 ? 'ten_a' : 'ten_b'];
          const events = logs.map((log) => someEvent(log));
          return (n % 5 === 0 ? second : db).change(async () => ({ result: n, events }), wait);
        }),
      );
      let total = 0;
      for (const log of ['ten_a', 'ten_b']) {
        const events = await db.read((read) => read.log.events(log, 0, 1_000), wait);
        expect(checkLog(logName(ORIGIN, log), events, leafHash)).toEqual([]);
        const given = receipts.flatMap((made) => made.receipts).filter((receipt) => receipt.log === `${ORIGIN}/${log}`);
        expect(given.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(events.map(({ seq }) => seq));
        total += events.length;
      }
      expect(total).toBe(receipts.flatMap((made) => made.receipts).length);
    });

    it('keep times in order if the waiting change read the clock first', async ({ db, another }) => {
      const ahead = await another(30_000);
      let overtaking: Promise<unknown> = Promise.resolve();
      await changeWithEvent(db, async (tx) => {
        await tx.now();
        overtaking = changeWithEvent(ahead, async () => undefined);
        // SQLite has one writer, so the other change waits for this one.
        await Promise.race([overtaking, new Promise((resolve) => setTimeout(resolve, 300))]);
      });
      await overtaking;
      const events = await db.read((read) => read.log.events('ten_a', 0, 10), wait);
      expect(events).toHaveLength(2);
      expect(checkLog(logName(ORIGIN, 'ten_a'), events, leafHash)).toEqual([]);
    });

    it('create a row of one key once, although each looks for it first', async ({ tested: database, db, another }) => {
      const other = await another();
      const made = await Promise.all(
        eight.map((n) =>
          changeWithEvent(n % 2 === 0 ? db : other, async (tx) => {
            const existing = await tx.recordings.lockNatural('ten_a', Buffer.from('one call'));
            if (existing !== null) return `found ${existing.id}`;
            await tx.recordings.insert(recordingOf(`rec_${n}`, { natural: Buffer.from('one call') }));
            return `made rec_${n}`;
          }),
        ),
      );
      const [first] = made.filter((what) => what.startsWith('made'));
      expect(made.filter((what) => what.startsWith('made'))).toHaveLength(1);
      expect(made.filter((what) => what === first?.replace('made', 'found'))).toHaveLength(7);
      expect((await database.everything())['recording']).toHaveLength(1);
    });

    it('have at most one deposit of an object in progress, and one available', async ({ db, another }) => {
      const other = await another();
      const claims = await Promise.allSettled(
        eight.map((n) =>
          changeWithEvent(n % 2 === 0 ? db : other, (tx) => tx.deposits.insert({ ...deposit, id: `dep_${n}` })),
        ),
      );
      expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const claim of claims)
        if (claim.status === 'rejected') expect(claim.reason).toMatchObject({ code: 'conflict' });
      const { underway } = await db.read((read) => read.deposits.ofObject('ten_a', 'rec_a', 'audio'), wait);
      if (underway === null) throw new Error('none is on its way');
      await changeWithEvent(db, (tx) => tx.deposits.change(underway, { state: 'AVAILABLE' }));
      await changeWithEvent(db, (tx) => tx.deposits.insert({ ...deposit, id: 'dep_second' }));
      const second = changeWithEvent(db, async (tx) => {
        const row = await tx.deposits.lock('ten_a', 'dep_second');
        return row === null ? false : tx.deposits.change(row, { state: 'AVAILABLE' });
      });
      await expect(second).rejects.toMatchObject({ code: 'conflict' });
    });

    it('take three uses of a grant of three', async ({ db, another }) => {
      await changeWithEvent(db, (tx) => tx.access.insertGrant(grant));
      const other = await another();
      const taken = await Promise.all(
        eight.map((n) =>
          changeWithEvent(n % 2 === 0 ? db : other, async (tx) => {
            const row = await tx.access.lockGrant('ten_a', 'grt_a');
            if (row === null) return false;
            const usesLeft = row.usesLeft - 1;
            const left = {
              usesLeft,
              state: usesLeft === 0 ? 'CONSUMED' : 'APPROVED',
              mac: Buffer.alloc(32, n),
            } as const;
            return row.usesLeft > 0 && (await tx.access.changeGrant(row, left));
          }),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(3);
      const left = await db.read((read) => read.access.grant('ten_a', 'grt_a'), wait);
      expect(left).toMatchObject({ state: 'CONSUMED', usesLeft: 0, version: 4 });
    });

    it('take no use of a grant from an older version', async ({ db }) => {
      await changeWithEvent(db, (tx) => tx.access.insertGrant(grant));
      const take = () =>
        changeWithEvent(db, (tx) => tx.access.changeGrant(grant, { usesLeft: 2, state: 'APPROVED', mac: null }));
      expect([await take(), await take()]).toEqual([true, false]);
    });

    it('lose no change of a row that each locks', async ({ db, another }) => {
      await insertRows(db);
      const other = await another();
      const hits = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          changeWithEvent(n % 2 === 0 ? db : other, async (tx) => {
            const row = await tx.sessions.lock('ten_a', 'ses_a');
            return row === null ? false : tx.sessions.change(row, { ranges: row.ranges + 1, mac: row.mac });
          }),
        ),
      );
      expect(hits).toEqual(Array.from({ length: 20 }, () => true));
      const counted = await db.read((read) => read.sessions.find('ten_a', 'ses_a'), wait);
      expect(counted).toEqual({ ...session, ranges: 20, version: 21 });
    });

    it('see a change that another handle committed while they waited for the row', async ({ db, another }) => {
      await insertRows(db);
      const other = await another();
      const holding = gate();
      const held = gate();
      const first = changeWithEvent(db, async (tx) => {
        await tx.deposits.change(deposit, { state: 'ABORTING' });
        holding.open();
        await held.passed;
      });
      await holding.passed;
      const seen = changeWithEvent(other, (tx) => tx.deposits.lock('ten_a', 'dep_a'));
      const part = { tenant: 'ten_a', deposit: 'dep_a', number: 0, size: 5, receipt: '5', header: Buffer.alloc(56) };
      const noted = other.note((notes) => notes.deposits.putPart(deposit, 'me', part), wait);
      setTimeout(held.open, 200);
      await first;
      expect(await seen).toMatchObject({ state: 'ABORTING', version: 2 });
      expect(await noted).toBe(false);
    });

    it('both complete after a deadlock', async ({ db, another }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.recordings.insert(recordingOf('rec_1'));
        await tx.recordings.insert(recordingOf('rec_2'));
      });
      const other = await another();
      let runs = 0;
      const both = (one: typeof db, ids: readonly string[]): Promise<void> =>
        changeWithEvent(one, async (tx) => {
          runs++;
          for (const id of ids) {
            const row = await tx.recordings.lock('ten_a', id);
            if (row !== null) await tx.recordings.change(row, { quarantine: [...row.quarantine, 'basis'] });
            // Long enough for both to lock their first row.
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        });
      await Promise.all([both(db, ['rec_1', 'rec_2']), both(other, ['rec_2', 'rec_1'])]);
      expect(runs).toBeGreaterThanOrEqual(2);
      for (const id of ['rec_1', 'rec_2']) {
        expect(await db.read((read) => read.recordings.find('ten_a', id), wait)).toMatchObject({
          quarantine: ['basis', 'basis'],
          version: 3,
        });
      }
      const events = await db.read((read) => read.log.events('ten_a', 0, 10), wait);
      expect(events).toHaveLength(3);
    });

    it('count every event in a window, however often it is opened', async ({ tested: database, db, another }) => {
      const other = await another();
      const window = { tenant: 'ten_a', action: 'a', subject: 's', target: 't', start: '2026-11-25T12:00:00.000Z' };
      const counted = await Promise.all(
        Array.from({ length: 24 }, async (_, n) => {
          const one = n % 2 === 0 ? db : other;
          if (n % 3 !== 0 && (await one.note((notes) => notes.windows.increment(window), wait))) return null;
          const opening = { ...window, ends: '2026-11-25T12:05:00.000Z', first: '{}' };
          return changeWithEvent(one, (tx) => tx.windows.open(opening));
        }),
      );
      const [row] = (await database.everything())['window'] as [{ count: number | string }];
      expect([new Set(counted), Number(row.count)]).toEqual([new Set([null]), 24]);
    });

    it('close a window once, with all that was counted', async ({ tested: database, db, another }) => {
      const other = await another();
      const window = { tenant: 'ten_a', action: 'a', subject: 's', target: 't', start: '2026-11-25T12:00:00.000Z' };
      const opening = { ...window, ends: '2026-11-25T12:05:00.000Z', first: '{}' };
      await changeWithEvent(db, (tx) => tx.windows.open(opening));
      const increments = Array.from({ length: 5 }, () => db.note((notes) => notes.windows.increment(window), wait));
      expect(await Promise.all(increments)).toEqual([true, true, true, true, true]);
      const ended = (now: string, after = '') => db.read((rows) => rows.windows.ended(now, after, 10), wait);
      expect(await ended('2026-11-25T12:05:00.000Z')).toEqual([]);
      expect(await ended('2026-11-25T12:05:00.001Z', opening.ends)).toEqual([]);
      expect(await ended('2026-11-25T12:05:00.001Z')).toEqual([{ ...opening, count: 6 }]);
      const next = { ...window, start: '2026-11-25T12:05:00.000Z' };
      expect(await changeWithEvent(db, (tx) => tx.windows.close(next))).toBeNull();
      expect(await db.note((notes) => notes.windows.forget(window), wait)).toBe(false);
      const closed = await Promise.all(
        [db, other, db, other].map((one) => changeWithEvent(one, (tx) => tx.windows.close(window))),
      );
      expect(closed.filter((one) => one !== null)).toEqual([{ ...opening, count: 6 }]);
      expect((await database.everything())['window']).toEqual([]);
      // One that is opened again before it was closed is returned then; one without repetitions is forgotten.
      await changeWithEvent(db, (tx) => tx.windows.open(opening));
      const second = { ...opening, ...next, ends: '2026-11-25T12:10:00.000Z' };
      expect(await changeWithEvent(db, (tx) => tx.windows.open(second))).toEqual({ ...opening, count: 1 });
      expect(await db.note((notes) => notes.windows.forget(window), wait)).toBe(false);
      expect(await db.note((notes) => notes.windows.forget(next), wait)).toBe(true);
    });

    it('lock a window in turn, so that neither reads a count that the other is about to raise', async ({
      db,
      another,
    }) => {
      const other = await another();
      const window = { tenant: 'ten_a', action: 'a', subject: 's', target: 't', start: '2026-11-25T12:00:00.000Z' };
      const seen = await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          changeWithEvent(n % 2 === 0 ? db : other, async (tx) => {
            const count = await tx.windows.lockedCount(window);
            await tx.windows.set(window, count + 1);
            return count;
          }),
        ),
      );
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, n) => n));
      const next = { ...window, start: '2026-11-25T13:00:00.000Z' };
      expect(await changeWithEvent(db, (tx) => tx.windows.lockedCount(next))).toBe(0);
    });
  });
}
