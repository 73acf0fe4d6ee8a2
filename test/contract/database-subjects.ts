// Subject requests and the recordings that each found.
import { describe, expect } from 'vitest';
import type { SubjectMatch, SubjectRequest } from '../../src/model/subject/request.ts';
import { changeWithEvent, recordingOf, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const AT = '2026-11-25T12:00:00.000Z';

/** A request's row. */
export const subjectOf = (id: string, more: Partial<SubjectRequest> = {}): SubjectRequest => ({
  ...{ tenant: 'ten_a', id, kinds: ['access', 'erase'], state: 'OPEN', version: 1, round: 1, created: AT },
  ...{ received: AT, due: AT, extended: null, manager: 'usr_p', person: Buffer.from('person'), identified: null },
  ...{ evidence: null, searched: null, change: null, words: null, copies: null, copiesBy: null, ended: null },
  ...more,
});

/** A recording of a request. */
export const matchOf = (request: string, recording: string, more: Partial<SubjectMatch> = {}): SubjectMatch => ({
  ...{ tenant: 'ten_a', request, recording, outcome: null, done: null, holds: false, told: null },
  ...more,
});

export function subjects(databaseCase: DatabaseCase): void {
  describe('subject requests', () => {
    const it = inGroup('subject requests', databaseCase);

    it('are read as they were written, listed newest first and counted until they end', async ({ db }) => {
      const [text, words] = [Buffer.from('text'), Buffer.from('words')];
      const all = [
        subjectOf('sub_1', { evidence: text, identified: AT, searched: AT, extended: AT, change: 'chg_1', words }),
        subjectOf('sub_2', { state: 'ANSWERED', kinds: ['withdraw'], ended: AT }),
        subjectOf('sub_3', { state: 'PROPOSED' }),
        subjectOf('sub_1', { tenant: 'ten_b' }),
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of all) await tx.subjects.insert(row);
      });
      const found = await db.read(
        async ({ subjects: rows }) => ({
          one: await rows.find('ten_a', 'sub_1'),
          none: await rows.find('ten_b', 'sub_2'),
          page: await rows.page('ten_a', null, null, 2),
          before: await rows.page('ten_a', null, 'sub_2', 2),
          proposed: await rows.page('ten_a', 'PROPOSED', null, 2),
          open: [await rows.countOpen('ten_a'), await rows.countOpen('ten_b'), await rows.countOpen('ten_c')],
        }),
        wait,
      );
      expect(found).toEqual({
        one: all[0],
        none: null,
        page: [all[2], all[1]],
        before: [all[0]],
        proposed: [all[2]],
        open: [2, 1, 0],
      });
    });

    it('have recordings in order of ids, each once, with an outcome that is done', async ({ db }) => {
      const rows = ['rec_2', 'rec_1', 'rec_3'].map((id) => matchOf('sub_1', id));
      const added: number[] = [];
      await changeWithEvent(db, async (tx) => {
        added.push(await tx.subjects.addMatches(rows));
        added.push(
          await tx.subjects.addMatches([matchOf('sub_1', 'rec_3', { holds: true }), matchOf('sub_2', 'rec_3')]),
        );
        const told = Buffer.from('told');
        await tx.subjects.changeMatch(matchOf('sub_1', 'rec_1'), { outcome: 'erase', done: AT, told });
        await tx.subjects.changeMatch(matchOf('sub_1', 'rec_2'), { outcome: 'erase' });
      });
      expect(added).toEqual([3, 1]);
      const found = await db.read(
        async ({ subjects: read }) => ({
          all: await read.matches('ten_a', 'sub_1', '', 10),
          page: await read.matches('ten_a', 'sub_1', 'rec_1', 1),
          other: await read.matches('ten_b', 'sub_1', '', 10),
          counts: await read.countMatches('ten_a', 'sub_1'),
        }),
        wait,
      );
      const second = matchOf('sub_1', 'rec_2', { outcome: 'erase' });
      expect(found.all).toEqual([
        matchOf('sub_1', 'rec_1', { outcome: 'erase', done: AT, told: Buffer.from('told') }),
        second,
        matchOf('sub_1', 'rec_3'),
      ]);
      expect([found.page, found.other]).toEqual([[second], []]);
      expect(found.counts).toHaveLength(3);
      expect(found.counts).toEqual(
        expect.arrayContaining([
          { outcome: null, done: false, n: 1 },
          { outcome: 'erase', done: false, n: 1 },
          { outcome: 'erase', done: true, n: 1 },
        ]),
      );
    });

    it('keep recordings until they are released, and those do not count as due', async ({ db }) => {
      const past = '2026-01-01T00:00:00.000Z';
      await changeWithEvent(db, async (tx) => {
        for (const id of ['rec_1', 'rec_2'])
          await tx.recordings.insert(recordingOf(id, { tenant: 'ten_a', eraseAfter: past }));
        await tx.subjects.addMatches([
          matchOf('sub_1', 'rec_1', { holds: true }),
          matchOf('sub_2', 'rec_1', { holds: true }),
          matchOf('sub_3', 'rec_2'),
        ]);
      });
      const kept = () =>
        db.read(
          async ({ subjects: rows, retention }) => ({
            holding: await rows.holding('ten_a', 'rec_1'),
            among: await rows.heldAmong('ten_a', ['rec_1', 'rec_2', 'rec_3']),
            none: await rows.heldAmong('ten_a', []),
            other: await rows.holding('ten_b', 'rec_1'),
            due: await retention.due('ten_a', AT, 10),
            count: await retention.countDue('ten_a', AT, 10),
          }),
          wait,
        );
      expect(await kept()).toEqual({
        ...{ holding: ['sub_1', 'sub_2'], among: ['rec_1'], none: [], other: [], due: ['rec_2'], count: 1 },
      });
      await changeWithEvent(db, (tx) => tx.subjects.release('ten_a', 'sub_1'));
      expect(await kept()).toMatchObject({ holding: ['sub_2'], due: ['rec_2'] });
      await changeWithEvent(db, (tx) => tx.subjects.release('ten_a', 'sub_2'));
      expect(await kept()).toMatchObject({ holding: [], among: [], due: ['rec_1', 'rec_2'], count: 2 });
    });
  });
}
