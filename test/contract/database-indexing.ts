// Bringing indexes up to date: which tenants are behind, how a pass moves on, and what it reads and writes.
import { describe, expect } from 'vitest';
import type { Tenant } from '../../src/model/tenant.ts';
import type { Database } from '../../src/ports/database.ts';
import { changeWithEvent, recordingOf, wait } from '../support/fixture-rows.ts';
import { tenant } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const index = (label: 'agent' | 'queue', n: number) => ({ label, value: Buffer.alloc(16, n) }) as const;

export function indexing(databaseCase: DatabaseCase): void {
  describe('indexing', () => {
    const it = inGroup('indexing', databaseCase);

    const behind = (db: Database) => db.read(({ indexes }) => indexes.behind(), wait);
    const versions = (db: Database, of = 'ten_a') => db.read(({ indexes }) => indexes.versions(of), wait);
    const change = (db: Database, to: Partial<Omit<Tenant, 'tenant' | 'version'>>) =>
      changeWithEvent(db, async (tx) => {
        const row = await tx.tenants.lock('ten_a');
        expect(row === null ? false : await tx.tenants.change(row, to)).toBe(true);
      });

    it('is behind from a change of searchable fields to the end of a pass for it', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.tenants.insert({ ...tenant, searchable: ['a'] });
        await tx.tenants.insert({ ...tenant, tenant: 'ten_b', key: null });
      });
      expect([await behind(db), await versions(db), await versions(db, 'ten_c')]).toEqual([
        [],
        { current: 1, complete: 1 },
        null,
      ]);
      await change(db, { searchable: ['a'], country: 'DE' });
      await change(db, { timeZone: 'Europe/Berlin' });
      expect(await behind(db)).toEqual([]);
      await change(db, { searchable: [] });
      const later = { tenant: 'ten_a', current: 2, complete: 1 };
      expect([await behind(db), await versions(db, 'ten_b')]).toEqual([
        [{ ...later, version: 0, reached: '' }],
        { current: 1, complete: 1 },
      ]);
      const pass = { tenant: 'ten_a', version: 2, reached: '' };
      await db.note(({ indexes }) => indexes.begin('ten_a', 2), wait);
      expect(await behind(db)).toEqual([{ ...later, ...pass }]);
      expect(await db.note(({ indexes }) => indexes.advance(pass, 'rec_1'), wait)).toBe(true);
      // What another process reads of the pass before that no longer counts.
      expect(await db.note(({ indexes }) => indexes.advance(pass, 'rec_2'), wait)).toBe(false);
      await db.note(({ indexes }) => indexes.finish(pass), wait);
      await db.note(({ indexes }) => indexes.begin('ten_a', 2), wait);
      expect(await behind(db)).toEqual([{ ...later, ...pass, reached: 'rec_1' }]);
      await change(db, { searchable: ['a'] });
      await db.note(({ indexes }) => indexes.finish({ ...pass, reached: 'rec_1' }), wait);
      expect(await behind(db)).toEqual([{ ...later, current: 3, complete: 2, version: 2, reached: 'rec_1' }]);
      await db.note(({ indexes }) => indexes.begin('ten_a', 3), wait);
      await db.note(({ indexes }) => indexes.finish({ ...pass, version: 3 }), wait);
      expect([await behind(db), await versions(db)]).toEqual([[], { current: 3, complete: 3 }]);
    });

    it('reads recordings of any state in order, and their indexes', async ({ db }) => {
      const rows = [
        recordingOf('rec_1', { state: 'ERASED', facts: null }),
        recordingOf('rec_2', { state: 'EXPECTED' }),
        recordingOf('rec_3', { quarantine: ['integrity'] }),
        { ...recordingOf('rec_2'), tenant: 'ten_b' },
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) {
          await tx.recordings.insert(row);
          await tx.recordings.insertIndex(row, [index('agent', 1), index('queue', 2)]);
        }
      });
      const page = (after: string, limit: number) =>
        db.read(async ({ indexes }) => (await indexes.page('ten_a', after, limit)).map(({ id }) => id), wait);
      expect([await page('', 2), await page('rec_2', 2), await page('rec_3', 2)]).toEqual([
        ['rec_1', 'rec_2'],
        ['rec_3'],
        [],
      ]);
      const [, second] = await db.read(({ indexes }) => indexes.page('ten_a', '', 9), wait);
      expect(second).toEqual({
        ...{ tenant: 'ten_a', id: 'rec_2', version: rows[1]?.version },
        ...{ startedAt: rows[1]?.startedAt, facts: rows[1]?.facts, source: rows[1]?.source },
      });
      const values = async () =>
        (await db.read(({ indexes }) => indexes.values('ten_a', 'rec_2', 'rec_3'), wait))
          .map(({ recording, label, value }) => `${recording} ${label} ${value[0]}`)
          .sort();
      expect(await values()).toEqual(['rec_2 agent 1', 'rec_2 queue 2', 'rec_3 agent 1', 'rec_3 queue 2']);
      const count = (after: string, most: number) =>
        db.read(({ indexes }) => indexes.countAfter('ten_a', after, most), wait);
      expect([await count('', 9), await count('', 2), await count('rec_1', 9)]).toEqual([3, 2, 2]);
      await db.note(async ({ indexes }) => {
        const locked = await indexes.lock('ten_a', ['rec_3', 'rec_2', 'rec_9']);
        expect(locked.map(({ id }) => id)).toEqual(['rec_2', 'rec_3']);
        for (const row of locked) {
          await indexes.remove(row, [index('agent', 1), index('agent', 9)]);
          await indexes.add(row, [index('queue', 2), index('queue', 3)]);
        }
        await indexes.add(second as never, []);
      }, wait);
      expect(await values()).toEqual(['rec_2 queue 2', 'rec_2 queue 3', 'rec_3 queue 2', 'rec_3 queue 3']);
      const found = await db.read(
        ({ recordings }) => recordings.page('ten_a', { indexes: [index('queue', 3)], state: 'quarantined' }, null, 9),
        wait,
      );
      expect(found.map(({ id }) => id)).toEqual(['rec_3']);
    });
  });
}
