// Blind indexes: the values of a label, each once, on every engine.
import { describe, expect } from 'vitest';
import type { IndexLabel } from '../../src/envelope/blind-index.ts';
import type { RecordingFilter } from '../../src/ports/rows/recording-rows.ts';
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

    it('fill the queues of recordings that have none', async ({ db }) => {
      const queue = Buffer.alloc(16, 2);
      const other = Buffer.alloc(16, 3);
      await changeWithEvent(db, async (tx) => {
        for (const [tenant, id, state] of [
          ['ten_a', 'rec_1', 'AVAILABLE'],
          ['ten_a', 'rec_2', 'EXPECTED'],
          ['ten_a', 'rec_3', 'ERASED'],
          ['ten_b', 'rec_1', 'AVAILABLE'],
        ] as const)
          await tx.recordings.insert({ ...recordingOf(id, { state }), tenant });
        await tx.recordings.insert(recordingOf('rec_4', { queue: other }));
        for (const id of ['rec_1', 'rec_4'])
          await tx.recordings.index('ten_a', id, [
            { label: 'agent', value: Buffer.alloc(16, 1) },
            { label: 'queue', value: queue },
          ]);
        await tx.recordings.index('ten_b', 'rec_1', [{ label: 'queue', value: other }]);
      });
      const fill = (limit: number) => db.note((notes) => notes.recordings.fillQueues(limit), wait);
      expect([await fill(1), await fill(9), await fill(9)]).toEqual([1, 2, 0]);
      const queueOf = async (tenant: string, id: string) => {
        const row = await db.read((rows) => rows.recordings.find(tenant, id), wait);
        expect(row?.version).toBe(1);
        return row?.queue == null ? null : Buffer.from(row.queue).toString('hex');
      };
      expect(await queueOf('ten_a', 'rec_1')).toBe(queue.toString('hex'));
      expect(await queueOf('ten_a', 'rec_2')).toBe('');
      expect(await queueOf('ten_a', 'rec_3')).toBe(null);
      expect(await queueOf('ten_a', 'rec_4')).toBe(other.toString('hex'));
      expect(await queueOf('ten_b', 'rec_1')).toBe(other.toString('hex'));
    });

    it('find a recording at its start, also after that has changed', async ({ db }) => {
      const agent = { label: 'agent', value: Buffer.alloc(16, 1) } as const;
      const queue = { label: 'queue', value: Buffer.alloc(16, 2) } as const;
      const row = recordingOf('rec_1', { state: 'EXPECTED', described: true });
      await changeWithEvent(db, async (tx) => {
        await tx.recordings.insert(row);
        await tx.recordings.insertIndex(row, [agent]);
        await tx.recordings.insert(recordingOf('rec_2'));
        await tx.recordings.index('ten_a', 'rec_2', [agent, queue]);
        await tx.recordings.change(row, { startedAt: '2026-11-25T11:30:00.000Z', direction: 'outbound' });
        await tx.recordings.index('ten_a', 'rec_1', [queue, agent]);
      });
      const found = (filter: RecordingFilter): Promise<string[]> =>
        db.read(async (read) => (await read.recordings.page('ten_a', filter, null, 3)).map(({ id }) => id), wait);
      for (const indexes of [[agent], [queue], [agent, queue], [queue, agent]]) {
        expect(await found({ indexes })).toEqual(['rec_1', 'rec_2']);
        expect(await found({ indexes, direction: 'outbound' })).toEqual(['rec_1']);
        expect(await found({ indexes, state: 'expected' })).toEqual(['rec_1']);
        expect(await found({ indexes, state: 'available' })).toEqual(['rec_2']);
      }
    });
  });
}
