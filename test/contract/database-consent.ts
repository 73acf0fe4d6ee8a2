// Notices, and withdrawals that deposits and background work find.
import { describe, expect } from 'vitest';
import type { Notice, Withdrawal } from '../../src/ports/rows/consent-rows.ts';
import type { IndexValue } from '../../src/ports/rows/recording-rows.ts';
import { changeWithEvent, recording, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const T = (hour: number) => `2026-11-25T${String(hour).padStart(2, '0')}:00:00.000Z`;
const notice = (id: string, version: number, language: string, tenant = 'ten_a'): Notice => ({
  ...{ tenant, id, version, language, created: T(1), text: Buffer.from('sealed') },
});
const withdrawal = (id: string, more: Partial<Withdrawal> = {}): Withdrawal => ({
  ...{ tenant: 'ten_a', id, created: T(9), at: T(9), purposes: [], reached: '', due: T(9), ...more },
});
const phone = (n: number): IndexValue => ({ label: 'phone', value: Buffer.alloc(16, n) });
const field: IndexValue = { label: 'field:contract', value: Buffer.alloc(16, 9) };

export function consent(databaseCase: DatabaseCase): void {
  describe('consent', () => {
    const it = inGroup('consent', databaseCase);

    it('has versions of notices by language, each once', async ({ db }) => {
      const rows = [
        notice('ntc_1', 1, 'en'),
        notice('ntc_1', 1, 'zh-CN'),
        notice('ntc_1', 2, 'en'),
        notice('ntc_2', 1, 'en'),
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of [...rows, notice('ntc_1', 3, 'en', 'ten_b')]) await tx.consent.insertNotice(row);
      });
      const found = await db.read(
        async (read) => [await read.consent.notices('ten_a'), await read.consent.versionsOf('ten_a', 'ntc_1')],
        wait,
      );
      const [a, b, c, d] = rows;
      expect(found).toEqual([
        [d, c, a, b],
        [a, b, c],
      ]);
      const again = changeWithEvent(db, (tx) => tx.consent.insertNotice(notice('ntc_1', 2, 'en')));
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
    });

    it('finds withdrawals by their values, of calls that began before them', async ({ db }) => {
      const rows = [withdrawal('wdr_1'), withdrawal('wdr_2', { at: T(5), purposes: ['quality', 'training'] })];
      await changeWithEvent(db, async (tx) => {
        await tx.consent.insertWithdrawal(rows[0] as Withdrawal, [phone(1), field]);
        await tx.consent.insertWithdrawal(rows[1] as Withdrawal, [phone(1), phone(2)]);
        await tx.consent.insertWithdrawal(withdrawal('wdr_3', { tenant: 'ten_b' }), [phone(1)]);
      });
      const [one, two] = rows;
      const found = (indexes: readonly IndexValue[], began: string) =>
        db.read(({ consent: read }) => read.reaching('ten_a', indexes, began), wait);
      expect(await found([phone(1), phone(7)], T(4))).toEqual([two, one]);
      expect(await found([phone(1)], T(5))).toEqual([one]);
      expect(await found([phone(2)], T(4))).toEqual([two]);
      expect(await found([field], T(8))).toEqual([one]);
      expect(await found([phone(7)], T(4))).toEqual([]);
      expect(await found([], T(4))).toEqual([]);
      expect(
        await db.read(
          async ({ consent: read }) => ({
            one: await read.withdrawal('ten_a', 'wdr_1'),
            none: await read.withdrawal('ten_a', 'wdr_3'),
            all: await read.withdrawals('ten_a', null, 5),
            before: await read.withdrawals('ten_a', 'wdr_2', 5),
            indexes: await read.indexesOf('ten_a', 'wdr_1'),
          }),
          wait,
        ),
      ).toEqual({ one, none: null, all: [two, one], before: [one], indexes: [field, phone(1)] });
    });

    it('pages the recordings of a value by id, of calls that began before', async ({ db }) => {
      const calls = [1, 2, 3, 4].map((n) => ({
        ...{ ...recording, tenant: 'ten_a', id: `rec_${n}`, natural: Buffer.alloc(16, n) },
        startedAt: T(n === 3 ? 9 : n),
      }));
      await changeWithEvent(db, async (tx) => {
        for (const call of calls) {
          await tx.recordings.insert(call);
          await tx.recordings.insertIndex(call, [phone(1)]);
        }
      });
      const page = (after: string, limit: number) =>
        db.read(({ consent: read }) => read.recordingsOf('ten_a', phone(1), T(9), after, limit), wait);
      expect(await page('', 2)).toEqual(['rec_1', 'rec_2']);
      expect(await page('rec_2', 2)).toEqual(['rec_4']);
      expect(await page('rec_4', 2)).toEqual([]);
    });

    it('gives work what is due, and moves it on once', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const [n, due] of [T(9), T(7), null, T(8)].entries())
          await tx.consent.insertWithdrawal(withdrawal(`wdr_${n}`, { due }), [phone(n)]);
      });
      const due = async (now: string, limit = 10) =>
        (await db.read(({ consent: read }) => read.due(now, limit), wait)).map(({ id }) => id);
      expect([await due(T(8)), await due(T(9), 2), await due(T(6))]).toEqual([
        ['wdr_1', 'wdr_3'],
        ['wdr_1', 'wdr_3'],
        [],
      ]);
      const move = (reached: string, to: string, next: string | null) =>
        db.note(
          (notes) => notes.consent.moveOn({ tenant: 'ten_a', id: 'wdr_1', reached }, { reached: to, due: next }),
          wait,
        );
      expect([await move('', 'rec_9', T(10)), await move('', 'rec_8', null)]).toEqual([true, false]);
      expect([await due(T(9)), await due(T(10))]).toEqual([
        ['wdr_3', 'wdr_0'],
        ['wdr_3', 'wdr_0', 'wdr_1'],
      ]);
      expect(await move('rec_9', 'rec_9', null)).toBe(true);
      expect(await due(T(10))).toEqual(['wdr_3', 'wdr_0']);
    });
  });
}
