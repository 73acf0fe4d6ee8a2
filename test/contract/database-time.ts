// What time it is: by the clock and the floor of one log, which no person moves by an edit, nor another log.
import { describe, expect } from 'vitest';
import type { Database } from '../../src/ports/database.ts';
import { changeWithEvent, START, someEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const OF_A = { ...wait, tenant: 'ten_a' };
const OF_B = { ...wait, tenant: 'ten_b' };
const HOUR = 3_600_000;
const LATER = '2040-01-01T00:00:00.000Z';
const at = (milliseconds: number): string => new Date(START + milliseconds).toISOString();

const append = (db: Database, ...logs: string[]) =>
  db.change(async () => ({ result: null, events: logs.map((log) => someEvent(log)) }), {
    ...wait,
    tenant: logs[0] ?? '',
  });
const now = (db: Database, of: typeof OF_A) => db.read((rows) => rows.now(), of);
const timesOf = async (db: Database, log: string): Promise<string[]> =>
  (await db.read((rows) => rows.log.events(log, 0, 100), wait)).map(
    ({ leaf }) => (JSON.parse(Buffer.from(leaf).toString()) as { ts: string }).ts,
  );

export function time(databaseCase: DatabaseCase): void {
  describe('time', () => {
    const it = inGroup('time', databaseCase);

    it('of a tenant is not moved by another log, nor by an edit of its head', async ({ tested, db }) => {
      await append(db, 'ten_a');
      await append(db, 'ten_b');
      await tested.run(`update audit_head set mark = '${LATER}' where log = 'ten_b'`);
      expect(await now(db, OF_A)).toBe(at(0));
      await append(db, 'ten_a');
      expect(await timesOf(db, 'ten_a')).toEqual([at(0), at(0)]);
    });

    it('is set right from the newest event where the head is ahead of it', async ({ tested, db }) => {
      await append(db, 'ten_a');
      const edit = () => tested.run(`update audit_head set mark = '${LATER}' where log = 'ten_a'`);
      for (const use of [() => now(db, OF_A), () => append(db, 'ten_a'), () => db.proveLog('ten_a', OF_A)]) {
        await edit();
        // The proof of a log appends by another way: it only reports.
        await use().catch(() => undefined);
        await append(db, 'ten_a');
        expect((await tested.everything())['audit_head']).toMatchObject([{ log: 'ten_a', mark: at(0) }]);
      }
      expect(new Set(await timesOf(db, 'ten_a'))).toEqual(new Set([at(0)]));
      await tested.run(`update audit_head set mark = '2000-01-01T00:00:00.000Z' where log = 'ten_a'`);
      expect(await db.settleMark('ten_a', wait)).toBe(true);
      expect(await db.settleMark('ten_a', wait)).toBe(false);
      expect((await tested.everything())['audit_head']).toMatchObject([{ mark: at(0) }]);
    });

    it('is the floor for at most a minute, and no time for a log further ahead, while others go on', async ({
      db,
      another,
    }) => {
      const [close, far] = [await another(60_000), await another(HOUR)];
      await append(close, 'ten_a');
      expect(await now(db, OF_A)).toBe(at(60_000));
      await append(db, 'ten_a');
      expect(await timesOf(db, 'ten_a')).toEqual([at(60_000), at(60_000)]);
      await append(far, 'ten_b');
      const differs = { code: 'clock_differs', retryAfter: 60 };
      await expect(now(db, OF_B)).rejects.toMatchObject(differs);
      await expect(append(db, 'ten_b')).rejects.toMatchObject(differs);
      await expect(append(db, 'ten_a', 'ten_b')).rejects.toMatchObject(differs);
      await append(db, 'ten_a');
      await append(db, 'deployment');
      expect(await timesOf(db, 'ten_b')).toEqual([at(HOUR)]);
      const ahead = await db.read(({ seals }) => seals.ahead(START), wait);
      expect(ahead).toEqual([{ log: 'ten_b', aheadMs: HOUR }]);
      // The process whose clock is that far ahead goes on with it.
      await append(far, 'ten_b');
    });

    it('of the second log of a change is not earlier than that of the first', async ({ db, another }) => {
      await append(await another(50_000), 'ten_a');
      await append(db, 'ten_a', 'ten_b');
      expect(await timesOf(db, 'ten_b')).toEqual([at(50_000)]);
    });

    it('is that of the deployment’s log where no tenant is named', async ({ db, another }) => {
      await append(await another(HOUR), 'deployment');
      await expect(db.read((rows) => rows.now(), wait)).rejects.toMatchObject({ code: 'clock_differs' });
      await expect(changeWithEvent(db, (tx) => tx.now().then(() => undefined))).rejects.toMatchObject({
        code: 'clock_differs',
      });
      expect(await now(db, OF_A)).toBe(at(0));
      await append(db, 'ten_a');
      // The check of writing says nothing of one log.
      await db.check(wait);
    });

    it('keeps beats: the newest of all nodes, and the newest event', async ({ db }) => {
      const read = () =>
        db.read(async ({ clocks }) => [await clocks.newestBeat(), await clocks.newestEvent()] as const, wait);
      expect(await read()).toEqual([null, null]);
      await append(db, 'ten_a');
      for (const [node, when] of [
        ['a', 5],
        ['b', 9],
        ['a', 7],
      ] as const)
        await db.note(({ clocks }) => clocks.beat(node, at(when)), wait);
      expect(await read()).toEqual([at(9), at(0)]);
    });
  });
}
