// A log that is held takes no events, and only then can it be repaired.
import { describe, expect } from 'vitest';
import { leafHash, type StoredEvent } from '../../src/model/audit-event.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import type { Database } from '../../src/ports/database.ts';
import type { PublishedEvent } from '../../src/ports/rows/repair-rows.ts';
import { someEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const LOG = 'ten_a';

const append = (db: Database, log = LOG) =>
  db.change(async () => ({ result: null, events: [someEvent(log)] }), wait).then(({ receipts }) => receipts[0]?.seq);
const hold = (db: Database, restored = -1) => db.note((notes) => notes.holds.hold(LOG, 'behind', restored), wait);
const eventsOf = (db: Database, log = LOG) => db.read((rows) => rows.log.events(log, 0, 100), wait);
const stateOf = (db: Database, log = LOG) => db.read((rows) => rows.log.state(log), wait);

function published({ leaf, seq }: StoredEvent, subjects: readonly string[] = []): PublishedEvent {
  return { seq, id: readLeaf(leaf)?.id ?? '', leaf, hash: leafHash(leaf), subjects };
}

export function repairs(databaseCase: DatabaseCase): void {
  describe('a log that is held', () => {
    const it = inGroup('a held log', databaseCase);

    it('takes no events until the hold ends, and other logs do', async ({ tested, db }) => {
      await append(db);
      expect(await hold(db)).toBe(true);
      expect(await hold(db)).toBe(false);
      const held = { code: 'audit_unavailable', message: expect.stringContaining('callvault log restore') };
      await expect(append(db)).rejects.toMatchObject(held);
      await expect(append(db)).rejects.toThrow('fewer events than were published');
      expect(await append(db, 'ten_b')).toBe(0);
      await expect(db.proveLog(LOG, wait)).rejects.toMatchObject(held);
      await db.proveLog('ten_b', wait);
      expect((await tested.everything())['audit_event']).toHaveLength(2);
      const lifted = await db.change(async (tx) => {
        expect(await tx.log.lift(LOG, 7)).toBe(false);
        return { result: await tx.log.lift(LOG, 1), events: [someEvent()] };
      }, wait);
      expect(lifted).toMatchObject({ result: true, receipts: [{ seq: 1 }] });
      expect(await stateOf(db)).toEqual({ size: 2, held: null, restoring: null, restored: 1 });
      // A comparison from before does not hold it again.
      expect(await hold(db)).toBe(false);
      expect(await hold(db, 1)).toBe(true);
    });

    it('may have no events yet, and lets the deployment be checked', async ({ db }) => {
      await db.note((notes) => notes.holds.hold('deployment', 'behind', -1), wait);
      expect(await stateOf(db, 'deployment')).toMatchObject({ size: 0, held: 'behind' });
      await expect(append(db, 'deployment')).rejects.toMatchObject({ code: 'audit_unavailable' });
      expect(await db.read((rows) => rows.seals.heads(), wait)).toEqual([
        { log: 'deployment', size: 0, sealed: null, held: 'behind' },
      ]);
      // The hold of one log must not stop the tenants.
      await db.check(wait);
      expect(await append(db)).toBe(0);
    });

    it('gets events back in order, once, with their time', async ({ tested, db, makeNew }) => {
      const other = await makeNew();
      const source = await other.open();
      try {
        for (let n = 0; n < 4; n++) await append(source);
        const events = (await eventsOf(source)).map((one) => published(one, ['rec_a']));
        const mark = '2027-01-01T00:00:00.000Z';
        const page = { events: events.slice(0, 3), mark };
        const reinsert = (size: number) => db.repair((one) => one.reinsert(LOG, size, page, null), wait);
        expect(await reinsert(0)).toBe(false);
        await hold(db);
        expect(await db.repair((one) => one.begin(LOG, 2), wait)).toBe(true);
        expect(await db.repair((one) => one.begin(LOG, 3), wait)).toBe(true);
        expect(await Promise.all([reinsert(0), reinsert(0)])).toEqual(expect.arrayContaining([true, false]));
        const seal = { size: 4, note: 'note' };
        const last = { events: events.slice(3), mark };
        expect(await db.repair((one) => one.reinsert(LOG, 3, last, seal), wait)).toBe(true);
        expect(await eventsOf(db)).toEqual(await eventsOf(source));
        expect(await db.read((rows) => rows.log.eventsOf(LOG, 'rec_a', null, 9), wait)).toHaveLength(4);
        expect(await stateOf(db)).toMatchObject({ size: 4, restoring: 2 });
        expect(await db.read((rows) => rows.seals.newest(LOG), wait)).toEqual(seal);
        expect((await tested.everything())['audit_head']).toMatchObject([{ log: LOG, mark }]);
      } finally {
        await source.close();
        await other.remove();
      }
    });

    it('loses events that differ, tiles and later seals, and stays append-only', async ({ tested, db }) => {
      for (let n = 0; n < 5; n++) await append(db);
      await append(db, 'ten_b');
      const tile = { level: 1, tile: 0, hashes: Buffer.alloc(32) };
      for (const size of [2, 4]) await db.note((notes) => notes.seals.seal(LOG, { size, note: 'n' }, [tile]), wait);
      const ranges = [
        { from: 2, to: 3 },
        { from: 4, to: Number.MAX_SAFE_INTEGER },
      ];
      const remove = (was: number) => db.repair((one) => one.remove(LOG, was, 2, ranges), wait);
      expect(await remove(5)).toBe(false);
      await hold(db);
      expect(await remove(4)).toBe(false);
      expect(await remove(5)).toBe(true);
      expect((await eventsOf(db)).map(({ seq }) => seq)).toEqual([0, 1, 3]);
      expect(await eventsOf(db, 'ten_b')).toHaveLength(1);
      expect(await db.read((rows) => rows.seals.seals(LOG, 0, 9), wait)).toEqual([{ size: 2, note: 'n' }]);
      expect(await db.read((rows) => rows.seals.lastTile(LOG, 1), wait)).toBeNull();
      for (const statement of [
        ...["update audit_event set id = 'x'", 'delete from audit_event'],
        ...["update audit_subject set recording = 'x'", 'delete from audit_subject'],
      ])
        await expect(tested.run(statement)).rejects.toThrow('the log only grows');
    });
  });
}
