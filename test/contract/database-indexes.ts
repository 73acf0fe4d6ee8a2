// Blind indexes: the values of a label, each once, on every engine.
import { describe, expect } from 'vitest';
import type { IndexLabel } from '../../src/envelope/blind-index.ts';
import { changeWithEvent, recordingOf, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

export function indexes(databaseCase: DatabaseCase): void {
  describe('blind indexes', () => {
    const it = inGroup('indexes', databaseCase);

    it('return one recording for each value, the first that has it', async ({ db }) => {
      const value = (n: number) => Buffer.alloc(16, n);
      const have: readonly [tenant: string, id: string, label: IndexLabel, value: Uint8Array][] = [
        ['ten_a', 'rec_3', 'agent', value(0)],
        ['ten_a', 'rec_1', 'agent', value(7)],
        ['ten_a', 'rec_2', 'agent', value(7)],
        ['ten_a', 'rec_2', 'agent', value(255)],
        ['ten_a', 'rec_1', 'queue', value(9)],
        ['ten_b', 'rec_1', 'agent', value(1)],
      ];
      await changeWithEvent(db, async (tx) => {
        for (const of of ['ten_a', 'ten_b'])
          for (const id of ['rec_1', 'rec_2', 'rec_3']) {
            await tx.recordings.insert({ ...recordingOf(id), tenant: of });
            const own = have.filter(([tenant, recording]) => tenant === of && recording === id);
            await tx.recordings.index(
              of,
              id,
              own.map(([, , label, value]) => ({ label, value })),
            );
          }
      });
      const ofEach = (of: string, label: IndexLabel, limit = 10) =>
        db.read(async ({ recordings }) => (await recordings.onePerValue(of, label, limit)).sort(), wait);
      expect(await ofEach('ten_a', 'agent')).toEqual(['rec_1', 'rec_2', 'rec_3']);
      expect(await ofEach('ten_a', 'agent', 2)).toHaveLength(2);
      expect(await ofEach('ten_a', 'queue')).toEqual(['rec_1']);
      expect(await ofEach('ten_a', 'ticket')).toEqual([]);
      expect(await ofEach('ten_b', 'agent')).toEqual(['rec_1']);
      expect(await ofEach('ten_c', 'agent')).toEqual([]);
    });
  });
}
