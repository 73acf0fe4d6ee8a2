// The rows of amendment entries: order, the backlog of blobs, marks, times, deletion.
import { describe, expect } from 'vitest';
import type { AmendmentRow } from '../../src/ports/rows/amendment-rows.ts';
import { changeWithEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const AT = '2026-11-28T10:00:00.000Z';

function entry(subject: string, n: number, at = AT, tenant = 'ten_a'): AmendmentRow {
  return { tenant, subject, n, at, entry: Buffer.from([n, 0, 255]), stored: false };
}

export function amendments(databaseCase: DatabaseCase): void {
  describe('amendments', () => {
    const it = inGroup('amendments', databaseCase);
    const rows = [entry('rec_b', 1), entry('rec_a', 2, '2026-11-28T11:59:59.999Z'), entry('rec_a', 1)];

    it('reads a stream in order, by pages, and its last entry', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [...rows, entry('rec_a', 3, AT, 'ten_b')]) await tx.amendments.insert(row);
      });
      const read = await db.read(
        async ({ amendments: all }) => ({
          last: await all.last('ten_a', 'rec_a'),
          none: await all.last('ten_a', 'rec_c'),
          first: await all.page('ten_a', 'rec_a', 0, 1),
          rest: await all.page('ten_a', 'rec_a', 1, 10),
          times: await all.times('ten_a', 'rec_a'),
        }),
        wait,
      );
      expect(read).toEqual({
        last: rows[1],
        none: null,
        first: [rows[2]],
        rest: [rows[1]],
        times: [AT, '2026-11-28T11:59:59.999Z'],
      });
    });

    it('lists the subjects of a tenant, each once', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [...rows, entry('ten_a', 1), entry('rec_c', 3, AT, 'ten_b')]) await tx.amendments.insert(row);
      });
      const list = (after: string, limit: number) =>
        db.read(({ amendments: all }) => all.subjects('ten_a', after, limit), wait);
      expect(await list('', 10)).toEqual(['rec_a', 'rec_b', 'ten_a']);
      expect(await list('rec_a', 1)).toEqual(['rec_b']);
      expect(await list('ten_a', 10)).toEqual([]);
    });

    it('has each number once', async ({ db }) => {
      await changeWithEvent(db, (tx) => tx.amendments.insert(entry('rec_a', 1)));
      const again = changeWithEvent(db, (tx) => tx.amendments.insert(entry('rec_a', 1)));
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
    });

    it('lists what has no blob by stream, and marks only the bytes that were read', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) await tx.amendments.insert(row);
      });
      const unstored = (after = '', limit = 10) =>
        db.read(({ amendments: all }) => all.unstored('ten_a', after, limit), wait);
      const mark = (row: AmendmentRow) => db.note(({ amendments: all }) => all.markStored(row), wait);
      const numbers = (found: readonly AmendmentRow[]) => found.map(({ subject, n }) => `${subject} ${n}`);
      expect(numbers(await unstored())).toEqual(['rec_a 1', 'rec_a 2', 'rec_b 1']);
      expect(numbers(await unstored('rec_a'))).toEqual(['rec_b 1']);
      expect(numbers(await unstored('', 1))).toEqual(['rec_a 1']);
      expect(await mark(entry('rec_a', 1))).toBe(true);
      expect(await mark({ ...entry('rec_a', 2), entry: Buffer.from('other') })).toBe(false);
      expect(await mark(entry('rec_c', 1))).toBe(false);
      expect(numbers(await unstored())).toEqual(['rec_a 2', 'rec_b 1']);
      expect(await db.read(({ amendments: all }) => all.backlog(), wait)).toEqual({ entries: 2, oldest: AT });
      expect(await db.read(({ amendments: all }) => all.page('ten_a', 'rec_a', 0, 1), wait)).toEqual([
        { ...entry('rec_a', 1), stored: true },
      ]);
    });

    it('deletes the entries of one subject', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) await tx.amendments.insert(row);
        await tx.amendments.deleteOf('ten_a', 'rec_a');
      });
      expect(await db.read(({ amendments: all }) => all.times('ten_a', 'rec_a'), wait)).toEqual([]);
      expect(await db.read(({ amendments: all }) => all.backlog(), wait)).toEqual({ entries: 1, oldest: AT });
    });
  });
}
