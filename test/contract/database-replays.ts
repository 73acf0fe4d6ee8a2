// The mark of a complete replay of entries, and the questions of processes whether one is complete.
import { describe, expect } from 'vitest';
import type { ReplayNotes } from '../../src/ports/rows/replay-rows.ts';
import { wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const [ONE, TWO, THREE] = ['2026-11-28T10:00:00.000Z', '2026-11-28T10:05:00.000Z', '2026-11-28T10:10:00.000Z'];

export function replays(databaseCase: DatabaseCase): void {
  describe('replays of entries', () => {
    const it = inGroup('replays of entries', databaseCase);

    it('have a mark that moves only from where it was read', async ({ db }) => {
      const mark = (tenant = 'ten_a') => db.read((rows) => rows.replays.mark(tenant), wait);
      const move = (from: string | null, to: string) =>
        db.note((notes) => notes.replays.moveMark('ten_a', from, to), wait);
      expect([await mark(), await move(null, ONE), await mark()]).toEqual([null, false, null]);
      await db.note((notes) => notes.erasures.setLastReplay('ten_a', ONE), wait);
      expect([await mark(), await move(TWO, THREE), await mark()]).toEqual([null, false, null]);
      expect([await move(null, ONE), await mark()]).toEqual([true, ONE]);
      expect([await move(null, TWO), await move(THREE, TWO), await mark()]).toEqual([false, false, ONE]);
      expect([await move(ONE, TWO), await mark(), await mark('ten_b')]).toEqual([true, TWO, null]);
      await db.note((notes) => notes.erasures.setLastReplay('ten_a', THREE), wait);
      expect([await mark(), await db.read((rows) => rows.erasures.lastReplay('ten_a'), wait)]).toEqual([TWO, THREE]);
    });

    it('are asked about by number, and an answer counts for all questions before it', async ({ db }) => {
      const notes = <T>(work: (of: ReplayNotes) => Promise<T>) => db.note((all) => work(all.replays), wait);
      const read = () =>
        db.read(async (rows) => [await rows.replays.waiting(), await rows.replays.answered('ten_a')], wait);
      expect(await read()).toEqual([[], 0]);
      expect(await notes((of) => of.ask('ten_b'))).toBe(1);
      expect([await notes((of) => of.ask('ten_a')), await notes((of) => of.ask('ten_a'))]).toEqual([1, 2]);
      const b = { tenant: 'ten_b', asked: 1 };
      expect(await read()).toEqual([[{ tenant: 'ten_a', asked: 2 }, b], 0]);
      await notes((of) => of.answer({ tenant: 'ten_a', asked: 2 }));
      expect(await read()).toEqual([[b], 2]);
      // An answer to an earlier question comes late.
      await notes((of) => of.answer({ tenant: 'ten_a', asked: 1 }));
      expect(await read()).toEqual([[b], 2]);
      expect(await notes((of) => of.ask('ten_a'))).toBe(3);
      expect(await read()).toEqual([[{ tenant: 'ten_a', asked: 3 }, b], 2]);
    });
  });
}
