// The rows of amendment entries: order, the backlog of blobs, marks, times, deletion.
import { describe, expect } from 'vitest';
import type { AmendmentRow, AmendmentRows } from '../../src/ports/rows/amendment-rows.ts';
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

    it('finds entries by subject and number', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [...rows, entry('rec_a', 1, AT, 'ten_b')]) await tx.amendments.insert(row);
      });
      const placed = async (subjects: readonly string[], numbers: readonly number[]) =>
        (await db.read(({ amendments: all }) => all.placed('ten_a', subjects, numbers), wait))
          .map(({ subject, n, at }) => `${subject} ${n} ${at}`)
          .sort();
      expect(await placed(['rec_a', 'rec_b', 'rec_c'], [1, 3])).toEqual([`rec_a 1 ${AT}`, `rec_b 1 ${AT}`]);
      expect(await placed(['rec_a'], [2])).toEqual(['rec_a 2 2026-11-28T11:59:59.999Z']);
      expect([await placed([], [1]), await placed(['rec_a'], [])]).toEqual([[], []]);
      const many = Array.from({ length: 500 }, (_, n) => `rec_${n}`);
      expect(await placed([...many, 'rec_b'], [1])).toEqual([`rec_b 1 ${AT}`]);
    });

    it('finds the entries of some subjects that have a number', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [...rows, entry('rec_a', 1, AT, 'ten_b')]) await tx.amendments.insert(row);
      });
      const numbered = async (subjects: readonly string[], n: number) =>
        (await db.read(({ amendments: all }) => all.numbered('ten_a', subjects, n), wait)).sort((one, other) =>
          one.subject < other.subject ? -1 : 1,
        );
      expect(await numbered(['rec_b', 'rec_a', 'rec_c'], 1)).toEqual([rows[2], rows[0]]);
      expect(await numbered(['rec_a', 'rec_b'], 2)).toEqual([rows[1]]);
      expect([await numbered([], 1), await numbered(['rec_a'], 3)]).toEqual([[], []]);
    });

    it('has each number once', async ({ db }) => {
      await changeWithEvent(db, (tx) => tx.amendments.insert(entry('rec_a', 1)));
      const again = changeWithEvent(db, (tx) => tx.amendments.insert(entry('rec_a', 1)));
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
    });

    it('lists the streams that wait for blobs, and marks only the bytes that were read', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [...rows, entry('rec_a', 1, '2026-11-28T09:00:00.000Z', 'ten_b')]) {
          await tx.amendments.insert(row);
        }
      });
      const waiting = async (after: Parameters<AmendmentRows['waiting']>[0] = null, limit = 10) => {
        const found = await db.read(({ amendments: all }) => all.waiting(after, limit), wait);
        return found.map(({ tenant, subject, n }) => `${tenant} ${subject} ${n}`);
      };
      const mark = (row: AmendmentRow) => db.note(({ amendments: all }) => all.markStored(row), wait);
      const backlog = () => db.read(({ amendments: all }) => all.backlog(), wait);
      expect(await waiting()).toEqual(['ten_a rec_a 1', 'ten_a rec_b 1', 'ten_b rec_a 1']);
      expect(await waiting({ tenant: 'ten_a', subject: 'rec_a' })).toEqual(['ten_a rec_b 1', 'ten_b rec_a 1']);
      expect(await waiting({ tenant: 'ten_a', subject: 'rec_z' })).toEqual(['ten_b rec_a 1']);
      expect(await waiting({ tenant: 'ten_b', subject: 'rec_a' })).toEqual([]);
      expect(await waiting(null, 2)).toEqual(['ten_a rec_a 1', 'ten_a rec_b 1']);
      expect(await backlog()).toEqual({ entries: 4, oldest: '2026-11-28T09:00:00.000Z' });
      expect(await mark(entry('rec_a', 1))).toBe(true);
      expect(await mark({ ...entry('rec_a', 2), entry: Buffer.from('other') })).toBe(false);
      expect(await mark(entry('rec_c', 1))).toBe(false);
      expect(await mark(entry('rec_a', 1, AT, 'ten_b'))).toBe(true);
      expect(await waiting()).toEqual(['ten_a rec_a 2', 'ten_a rec_b 1']);
      expect(await backlog()).toEqual({ entries: 2, oldest: AT });
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
