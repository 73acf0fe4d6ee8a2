// Legal holds: their recordings and counts, what blocks an erasure, and the recordings that a rule matches.
import { describe, expect } from 'vitest';
import type { HeldRecording, Hold } from '../../src/model/hold.ts';
import type { HoldFilter, StoredBefore } from '../../src/ports/rows/hold-rows.ts';
import { changeWithEvent, recordingOf, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const AT = '2026-11-25T12:00:00.000Z';

/** A hold's row. */
export const holdOf = (id: string, more: Partial<Hold> = {}): Hold => ({
  ...{ tenant: 'ten_a', id, state: 'ACTIVE', version: 1, created: AT, note: Buffer.from('note'), scope: null },
  ...{ continuing: false, review: AT, placedBy: 'usr_p', lifted: null, liftedBy: null, damaged: false },
  ...{ reached: '', settled: true },
  ...more,
});

/** A recording of a hold. */
export const heldOf = (hold: string, recording: string, more: Partial<HeldRecording> = {}): HeldRecording => ({
  ...{ tenant: 'ten_a', hold, recording, covered: 2, lifted: false },
  ...more,
});

const scope = Buffer.from('scope');

export function holds(databaseCase: DatabaseCase): void {
  describe('legal holds', () => {
    const it = inGroup('legal holds', databaseCase);

    it('are read as they were written, and listed newest first', async ({ db }) => {
      const all = [
        holdOf('hld_1'),
        holdOf('hld_2', { state: 'PLACING', scope, continuing: true, settled: false, reached: 'x' }),
        holdOf('hld_3', { state: 'LIFTED', note: null, lifted: AT, liftedBy: 'usr_q', damaged: true }),
        holdOf('hld_1', { tenant: 'ten_b', scope, continuing: true }),
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of all) await tx.legalHolds.insert(row);
      });
      const found = await db.read(
        async ({ legalHolds: rows }) => ({
          one: await rows.find('ten_a', 'hld_2'),
          none: await rows.find('ten_b', 'hld_2'),
          page: await rows.page('ten_a', null, null, 2),
          before: await rows.page('ten_a', null, 'hld_2', 2),
          lifted: await rows.page('ten_a', 'LIFTED', null, 2),
          open: [await rows.countOpen('ten_a'), await rows.countOpen('ten_b'), await rows.countOpen('ten_c')],
          ruled: await rows.ruled('ten_a'),
          unsettled: await rows.unsettled(5),
        }),
        wait,
      );
      expect(found).toEqual({
        ...{ one: all[1], none: null, page: [all[2], all[1]], before: [all[0]], lifted: [all[2]] },
        open: [
          { open: 2, continuing: 1 },
          { open: 1, continuing: 1 },
          { open: 0, continuing: 0 },
        ],
        ...{ ruled: [all[1]], unsettled: [all[1]] },
      });
    });

    it('block erasing while one is being placed, or damaged', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.legalHolds.insert(holdOf('hld_1'));
        await tx.legalHolds.insert(holdOf('hld_2', { tenant: 'ten_b', state: 'PLACING' }));
        await tx.legalHolds.insert(holdOf('hld_3', { tenant: 'ten_c', state: 'LIFTED', damaged: true }));
      });
      const blocking = (tenant: string) => db.read((rows) => rows.legalHolds.blocking(tenant), wait);
      expect(await blocking('ten_a')).toBeNull();
      expect(await blocking('ten_b')).toEqual({ id: 'hld_2', state: 'PLACING', damaged: false });
      expect(await blocking('ten_c')).toEqual({ id: 'hld_3', state: 'LIFTED', damaged: true });
    });

    it('compare what comes with rules that continue, or that are being placed', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [
          holdOf('hld_1', { scope }),
          holdOf('hld_2', { scope, continuing: true }),
          holdOf('hld_3', { scope, continuing: true, state: 'LIFTED' }),
          holdOf('hld_4', { scope, state: 'PLACING' }),
          holdOf('hld_5', { state: 'PLACING' }),
        ])
          await tx.legalHolds.insert(row);
      });
      const ruled = await db.read((rows) => rows.legalHolds.ruled('ten_a'), wait);
      expect(ruled.map(({ id }) => id)).toEqual(['hld_2', 'hld_4']);
    });

    it('have each recording once, and count it', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const id of ['hld_1', 'hld_2']) await tx.legalHolds.insert(holdOf(id));
        await tx.legalHolds.insert(holdOf('hld_3', { state: 'LIFTED', settled: false }));
        for (const id of ['rec_1', 'rec_2', 'rec_3']) await tx.recordings.insert(recordingOf(id));
        const rows = [
          heldOf('hld_1', 'rec_1'),
          heldOf('hld_1', 'rec_2', { covered: 0 }),
          heldOf('hld_1', 'rec_3', { lifted: true, covered: 0 }),
          heldOf('hld_2', 'rec_1'),
          heldOf('hld_3', 'rec_2'),
        ];
        expect(await Promise.all(rows.map((row) => tx.legalHolds.add(row)))).toEqual(rows.map(() => true));
        expect(await tx.legalHolds.add(heldOf('hld_1', 'rec_3'))).toBe(false);
        await tx.legalHolds.count('ten_a', ['rec_1', 'rec_2'], 1);
        await tx.legalHolds.count('ten_a', ['rec_1'], 1);
        await tx.legalHolds.count('ten_a', ['rec_2'], -1);
        await tx.legalHolds.count('ten_a', ['rec_2', 'rec_3'], -1);
        await tx.legalHolds.count('ten_a', [], 1);
      });
      const found = await db.read(
        async ({ legalHolds: rows, recordings }) => ({
          counts: await rows.counts('ten_a', ['hld_1', 'hld_2', 'hld_9']),
          none: await rows.counts('ten_a', []),
          holding: await Promise.all(['rec_1', 'rec_2', 'rec_3'].map((id) => rows.holding('ten_a', id, 5))),
          first: await rows.holding('ten_a', 'rec_1', 1),
          foreign: await rows.holding('ten_b', 'rec_1', 5),
          countOf: [...(await rows.countOf('ten_a', ['rec_1', 'rec_2', 'rec_3']))].sort(),
          countOfNone: (await rows.countOf('ten_a', [])).size,
          rows: (await rows.recordings('ten_a', 'hld_1', 'rec_1', 5)).map(({ recording, lifted }) => [
            recording,
            lifted,
          ]),
          among: (await rows.among('ten_a', 'hld_1', ['rec_2', 'rec_9'])).map(({ recording }) => recording),
          amongNone: await rows.among('ten_a', 'hld_1', []),
          uncovered: await rows.uncovered('ten_a', 'hld_1', 5),
          withUncovered: await rows.withUncovered(5),
          holds: (await recordings.findMany('ten_a', ['rec_1', 'rec_2', 'rec_3'])).map(({ id, holds: n, version }) => [
            id,
            n,
            version,
          ]),
        }),
        wait,
      );
      expect({ ...found, counts: [...found.counts].sort((a, b) => (a.hold < b.hold ? -1 : 1)) }).toEqual({
        counts: [
          { hold: 'hld_1', recordings: 3, held: 2, uncovered: 1 },
          { hold: 'hld_2', recordings: 1, held: 1, uncovered: 0 },
        ],
        none: [],
        holding: [['hld_1', 'hld_2'], ['hld_1'], []],
        ...{ first: ['hld_1'], foreign: [] },
        countOf: [
          ['rec_1', 2],
          ['rec_2', 2],
        ],
        countOfNone: 0,
        rows: [
          ['rec_2', false],
          ['rec_3', true],
        ],
        ...{ among: ['rec_2'], amongNone: [], uncovered: ['rec_2'] },
        withUncovered: [{ tenant: 'ten_a', id: 'hld_1' }],
        // The versions stay: a person who corrects facts has not read another recording.
        holds: [
          ['rec_1', 2, 1],
          ['rec_2', 0, 1],
          ['rec_3', 0, 1],
        ],
      });
    });

    it('change what a row of a recording says', async ({ db }) => {
      const key = { tenant: 'ten_a', hold: 'hld_1', recording: 'rec_1' };
      await changeWithEvent(db, async (tx) => {
        await tx.legalHolds.insert(holdOf('hld_1'));
        await tx.legalHolds.add(heldOf('hld_1', 'rec_1', { covered: 0 }));
        await tx.legalHolds.add(heldOf('hld_2', 'rec_1', { covered: 0 }));
        await tx.legalHolds.set(key, { covered: 7 });
        await tx.legalHolds.set(key, { lifted: true });
      });
      const read = () => db.read((rows) => rows.legalHolds.among('ten_a', 'hld_1', ['rec_1']), wait);
      expect(await read()).toEqual([heldOf('hld_1', 'rec_1', { covered: 7, lifted: true })]);
      await changeWithEvent(db, (tx) => tx.legalHolds.set(key, { covered: 9, lifted: false }));
      expect(await read()).toEqual([heldOf('hld_1', 'rec_1', { covered: 9 })]);
      const other = await db.read((rows) => rows.legalHolds.among('ten_a', 'hld_2', ['rec_1']), wait);
      expect(other).toEqual([heldOf('hld_2', 'rec_1', { covered: 0 })]);
    });

    it('match recordings by times, direction, language and all indexes, oldest first', async ({ db }) => {
      const [care, ann] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
      const start = (hour: number) => `2026-11-25T${String(hour).padStart(2, '0')}:00:00.000Z`;
      const rows = [
        recordingOf('rec_1', { startedAt: start(9), direction: 'inbound', language: 'en' }),
        recordingOf('rec_2', { startedAt: start(8), direction: 'outbound', language: 'en' }),
        recordingOf('rec_3', { startedAt: start(8), direction: 'inbound', language: 'zh-CN', state: 'EXPECTED' }),
        recordingOf('rec_4', { startedAt: start(7), state: 'ERASED' }),
        recordingOf('rec_5', { startedAt: start(7), tenant: 'ten_b' }),
      ].map((row) => ({ ...row, created: start(6) }));
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) {
          await tx.recordings.insert(row);
          await tx.recordings.insertIndex(row, [{ label: 'queue', value: care }]);
        }
        const both = [
          { label: 'queue', value: care },
          { label: 'agent', value: ann },
        ] as const;
        await tx.recordings.index('ten_a', 'rec_2', both);
      });
      type More = Partial<HoldFilter>;
      const ids = (more: More, after: [number, string] | null = null, before: StoredBefore | null = null, limit = 9) =>
        db.read(async (read) => {
          const at = after === null ? null : { startedAt: start(after[0]), id: after[1] };
          const found = await read.legalHolds.matches('ten_a', { indexes: [], ...more }, at, before, limit);
          return found.map(({ id }) => id);
        }, wait);
      const queue = { label: 'queue', value: care };
      const agent = { label: 'agent', value: ann };
      for (const indexes of [[], [queue], [queue, queue, queue]]) {
        expect(await ids({ indexes })).toEqual(['rec_2', 'rec_3', 'rec_1']);
        expect(await ids({ indexes }, null, null, 1)).toEqual(['rec_2']);
        expect(await ids({ indexes }, [8, 'rec_2'])).toEqual(['rec_3', 'rec_1']);
        expect(await ids({ indexes }, [8, 'rec_3'])).toEqual(['rec_1']);
        expect(await ids({ indexes }, [9, 'rec_1'])).toEqual([]);
        const now = '2026-11-26T00:00:00.000Z';
        expect(await ids({ indexes }, null, { time: start(9), now })).toEqual(['rec_2', 'rec_3', 'rec_1']);
        const [none, old] = ['2000-01-01T00:00:00.000Z', '2001-01-01T00:00:00.000Z'];
        expect(await ids({ indexes }, null, { time: none, now })).toEqual([]);
        expect(await ids({ indexes }, null, { time: none, now: old })).toEqual(['rec_2', 'rec_3', 'rec_1']);
        expect(await ids({ indexes, from: start(9) })).toEqual(['rec_1']);
        expect(await ids({ indexes, to: start(9) })).toEqual(['rec_2', 'rec_3']);
        expect(await ids({ indexes, direction: 'inbound' })).toEqual(['rec_3', 'rec_1']);
        expect(await ids({ indexes, direction: 'inbound', language: 'en' })).toEqual(['rec_1']);
      }
      expect(await ids({ indexes: [queue, agent] })).toEqual(['rec_2']);
      expect(await ids({ indexes: [agent, queue] })).toEqual(['rec_2']);
      expect(await ids({ indexes: [{ label: 'queue', value: ann }] })).toEqual([]);
    });

    it('lower counts once, a few at a time, and are settled then', async ({ db, another }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.legalHolds.insert(holdOf('hld_1', { state: 'LIFTED', settled: false }));
        await tx.legalHolds.insert(holdOf('hld_2', { settled: false }));
        for (let n = 0; n < 5; n++) {
          await tx.recordings.insert(recordingOf(`rec_${n}`, { holds: n === 4 ? 0 : 2 }));
          await tx.legalHolds.add(heldOf('hld_1', `rec_${n}`));
          await tx.legalHolds.add(heldOf('hld_2', `rec_${n}`));
        }
      });
      const other = await another();
      const lower = (from: typeof db, id: string) =>
        from.note((notes) => notes.legalHolds.lowerCounts({ tenant: 'ten_a', id }, 2), wait);
      expect(await lower(db, 'hld_2')).toBe(0);
      expect(await lower(db, 'hld_1')).toBe(2);
      expect((await db.read((rows) => rows.legalHolds.find('ten_a', 'hld_1'), wait))?.settled).toBe(false);
      const lowered = await Promise.all([lower(db, 'hld_1'), lower(other, 'hld_1'), lower(db, 'hld_1')]);
      expect(lowered.reduce((sum, n) => sum + n)).toBe(3);
      const found = await db.read(
        async ({ legalHolds, recordings }) => ({
          settled: (await legalHolds.find('ten_a', 'hld_1'))?.settled,
          lifted: (await legalHolds.recordings('ten_a', 'hld_1', '', 9)).map(({ lifted: is }) => is),
          others: (await legalHolds.recordings('ten_a', 'hld_2', '', 9)).map(({ lifted: is }) => is),
          counts: (await recordings.findMany('ten_a', ['rec_0', 'rec_1', 'rec_2', 'rec_3', 'rec_4'])).map(
            ({ holds: n }) => n,
          ),
        }),
        wait,
      );
      expect(found).toEqual({
        settled: true,
        lifted: [true, true, true, true, true],
        others: [false, false, false, false, false],
        // The last count was lowered by hand: it does not become negative.
        counts: [1, 1, 1, 1, 0],
      });
    });

    it('move on from the place that was read, and are marked as damaged once', async ({ db }) => {
      const hold = holdOf('hld_1', { state: 'PLACING', scope, settled: false, reached: 'a' });
      await changeWithEvent(db, (tx) => tx.legalHolds.insert(hold));
      const reach = (of: Hold, to: string, done: boolean) =>
        db.note((notes) => notes.legalHolds.reach(of, to, done), wait);
      expect(await reach(hold, 'b', false)).toBe(true);
      expect(await reach(hold, 'c', false)).toBe(false);
      const found = () => db.read((rows) => rows.legalHolds.find('ten_a', 'hld_1'), wait);
      expect(await found()).toMatchObject({ state: 'PLACING', reached: 'b', settled: false, version: 2 });
      expect(await reach({ ...hold, reached: 'b' }, 'b', true)).toBe(true);
      expect(await reach({ ...hold, reached: 'b' }, 'b', true)).toBe(false);
      expect(await found()).toMatchObject({ state: 'ACTIVE', settled: true });
      const damage = (id: string) => db.note((notes) => notes.legalHolds.setDamaged('ten_a', id, AT), wait);
      expect([await damage('hld_1'), await damage('hld_1'), await damage('hld_9')]).toEqual([true, false, true]);
      expect((await found())?.damaged).toBe(true);
      // In place of a hold that is lost.
      const lost = () => db.read((rows) => rows.legalHolds.find('ten_a', 'hld_9'), wait);
      expect(await lost()).toMatchObject({ state: 'PLACING', damaged: true, settled: false, note: null });
      const clear = (tenant: string) => db.note((notes) => notes.legalHolds.clearDamage(tenant), wait);
      expect([await clear('ten_b'), await clear('ten_a'), await clear('ten_a')]).toEqual([0, 2, 0]);
      expect([(await found())?.damaged, await lost()]).toEqual([false, null]);
    });
  });
}
