// Batches and assigned grants: a reviewer's queue by due, what they finished, what a batch holds, and when it can close.
import { describe, expect } from 'vitest';
import type { Grant } from '../../src/model/access.ts';
import type { Batch } from '../../src/model/batch.ts';
import { changeWithEvent, grant, recordingOf, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const mac = Buffer.alloc(32, 7);
const NOW = '2026-11-25T12:00:00.000Z';
const [SOON, LATER, PAST] = ['2026-11-25T18:00:00.000Z', '2026-11-27T18:00:00.000Z', '2026-11-25T11:00:00.000Z'];
const batch = (id: string, more: Partial<Batch> = {}): Batch => ({
  ...{ tenant: 'ten_a', id, state: 'OPEN', version: 1, created: NOW, maker: 'usr_m', purpose: 'quality' },
  ...{
    objects: ['audio'],
    due: LATER,
    policy: 'pol_a',
    proof: 'prf_a',
    words: Buffer.from('sealed'),
    closed: null,
    mac,
  },
  ...more,
});
const assigned = (id: string, of: string, more: Partial<Grant> = {}): Grant => ({
  ...{ ...grant, id, request: null, batch: of, recording: `rec_${id}`, expires: LATER, opensUntil: LATER },
  ...more,
});

export function batches(databaseCase: DatabaseCase): void {
  describe('batches', () => {
    const it = inGroup('batches', databaseCase);

    it('are read as they were written, with their grants', async ({ db }) => {
      const rows = [batch('bat_1'), batch('bat_2', { state: 'CLOSED', closed: NOW, mac: null })];
      const grants = [
        assigned('grt_1', 'bat_1'),
        assigned('grt_2', 'bat_1', { state: 'RETURNED', done: NOW, doneWords: Buffer.from('why'), mac: null }),
        assigned('grt_3', 'bat_2'),
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of [...rows, batch('bat_1', { tenant: 'ten_b' })]) await tx.batches.insert(row);
        for (const row of [...grants, grant]) await tx.access.insertGrant(row);
      });
      const found = await db.read(
        async ({ batches: read, access }) => ({
          one: await read.find('ten_a', 'bat_2'),
          none: await read.find('ten_b', 'bat_2'),
          many: await read.findMany('ten_a', ['bat_1', 'bat_2', 'bat_3']),
          grants: await read.grantsOf('ten_a', ['bat_1']),
          empty: [await read.findMany('ten_a', []), await read.grantsOf('ten_a', [])],
          page: await read.page('ten_a', {}, null, 1),
          before: await read.page('ten_a', {}, 'bat_2', 5),
          open: await read.page('ten_a', { state: 'OPEN' }, null, 5),
          grant: await access.grant('ten_a', 'grt_2'),
        }),
        wait,
      );
      expect(found).toEqual({
        ...{ one: rows[1], none: null, many: rows, grants: grants.slice(0, 2), empty: [[], []] },
        ...{ page: [rows[1]], before: [rows[0]], open: [rows[0]], grant: grants[1] },
      });
    });

    it('are listed for their maker, and for leads of a queue of one of their calls', async ({ db }) => {
      const [care, sales] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
      await changeWithEvent(db, async (tx) => {
        await tx.batches.insert(batch('bat_1'));
        await tx.batches.insert(batch('bat_2', { maker: 'usr_n' }));
        await tx.recordings.insert(recordingOf('rec_grt_1', { queue: care }));
        await tx.recordings.insert(recordingOf('rec_grt_2', { queue: sales }));
        await tx.access.insertGrant(assigned('grt_1', 'bat_1'));
        await tx.access.insertGrant(assigned('grt_2', 'bat_2'));
      });
      const ids = (maker: string, queues: readonly Uint8Array[]) =>
        db.read(
          async (read) => (await read.batches.page('ten_a', { of: { maker, queues } }, null, 5)).map(({ id }) => id),
          wait,
        );
      expect(await ids('usr_m', [])).toEqual(['bat_1']);
      expect(await ids('usr_m', [sales])).toEqual(['bat_2', 'bat_1']);
      expect(await ids('usr_x', [care])).toEqual(['bat_1']);
      expect(await ids('usr_x', [])).toEqual([]);
      const inQueues = (batches: readonly string[], queues: readonly Uint8Array[]) =>
        db.read(
          async (read) => (await read.batches.grantsInQueues('ten_a', batches, queues)).map(({ id }) => id),
          wait,
        );
      expect(await inQueues(['bat_1', 'bat_2'], [care, sales])).toEqual(['grt_1', 'grt_2']);
      expect(await inQueues(['bat_1', 'bat_2'], [sales])).toEqual(['grt_2']);
      expect(await inQueues(['bat_1'], [sales])).toEqual([]);
      expect([await inQueues([], [care]), await inQueues(['bat_1'], [])]).toEqual([[], []]);
    });

    it('give reviewers a queue by due, and what they finished', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const row of [
          assigned('grt_1', 'bat_1'),
          assigned('grt_2', 'bat_2', { opensUntil: SOON, expires: SOON }),
          assigned('grt_3', 'bat_2', { state: 'EXPIRED', started: PAST, expires: PAST, opensUntil: SOON }),
          assigned('grt_4', 'bat_2', { state: 'EXPIRED', expires: PAST, opensUntil: PAST }),
          assigned('grt_5', 'bat_2', { started: PAST, opensUntil: PAST, expires: SOON, state: 'CONSUMED' }),
          assigned('grt_6', 'bat_2', { state: 'DONE', done: PAST }),
          assigned('grt_7', 'bat_2', { state: 'RETURNED', done: NOW }),
          assigned('grt_8', 'bat_2', { state: 'REVOKED', done: NOW }),
          assigned('grt_9', 'bat_2', { person: 'usr_b' }),
          grant,
        ])
          await tx.access.insertGrant(row);
      });
      const at = { now: NOW, since: '2026-11-01T00:00:00.000Z' };
      const found = await db.read(
        async ({ batches: read }) => ({
          all: await read.queue('ten_a', 'usr_a', at, null, 9),
          rest: await read.queue('ten_a', 'usr_a', at, { at: SOON, id: 'grt_2' }, 9),
          finished: await read.finished('ten_a', 'usr_a', null, 9),
          before: await read.finished('ten_a', 'usr_a', { at: NOW, id: 'grt_7' }, 9),
          live: await read.countLive('ten_a', ['usr_a', 'usr_b', 'usr_c'], NOW),
          pairs: await read.liveFor('ten_a', ['usr_a'], ['rec_grt_1', 'rec_a', 'rec_grt_6', 'rec_grt_9'], NOW),
        }),
        wait,
      );
      const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
      expect(ids(found.all)).toEqual(['grt_5', 'grt_2', 'grt_3', 'grt_1']);
      expect(ids(found.rest)).toEqual(['grt_3', 'grt_1']);
      expect(ids(found.finished)).toEqual(['grt_7', 'grt_6']);
      expect(ids(found.before)).toEqual(['grt_6']);
      expect(found.live).toEqual([
        { person: 'usr_a', grants: 3 },
        { person: 'usr_b', grants: 1 },
      ]);
      expect(ids(found.pairs)).toEqual(['grt_1', 'grt_a']);
    });

    it('count for a recording: usable grants, all live ones, begun ones that expired, and whether it was ever assigned', async ({
      db,
    }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.batches.insert(batch('bat_1'));
        await tx.access.insertGrant(assigned('grt_1', 'bat_1', { recording: 'rec_a' }));
        await tx.access.insertGrant(assigned('grt_2', 'bat_1', { recording: 'rec_a', usesLeft: 0, state: 'CONSUMED' }));
        await tx.access.insertGrant(assigned('grt_3', 'bat_1', { recording: 'rec_b', state: 'DONE' }));
        await tx.access.insertGrant(assigned('grt_4', 'bat_1', { recording: 'rec_a', state: 'EXPIRED', started: NOW }));
        await tx.access.insertGrant(assigned('grt_5', 'bat_1', { recording: 'rec_a', state: 'EXPIRED' }));
      });
      const found = await db.read(
        async ({ batches: read, access }) => ({
          usable: await read.usable('ten_a', 'usr_a', ['rec_a', 'rec_b'], NOW),
          other: await read.usable('ten_a', 'usr_b', ['rec_a'], NOW),
          open: (await access.openGrants('ten_a', 'rec_a')).map(({ id }) => id),
          begun: (await access.begunGrants('ten_a', 'rec_a')).map(({ id }) => id),
          asked: [
            await access.hasRequested('ten_a', 'usr_a', 'rec_b'),
            await access.hasRequested('ten_a', 'usr_b', 'rec_b'),
          ],
        }),
        wait,
      );
      expect(found.usable).toEqual([
        {
          ...{ tenant: 'ten_a', id: 'grt_1', state: 'APPROVED', expires: LATER, usesLeft: 3, revokedBy: null },
          ...{ revokedWords: null, recording: 'rec_a', purpose: 'quality', maker: 'usr_m' },
        },
      ]);
      expect([found.other, found.open, found.begun]).toEqual([[], ['grt_1', 'grt_2'], ['grt_4']]);
      expect(found.asked).toEqual([true, false]);
    });

    it('can close once nothing of them can be finished any more', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const id of ['bat_1', 'bat_2', 'bat_3', 'bat_4', 'bat_6']) await tx.batches.insert(batch(id));
        await tx.batches.insert(batch('bat_5', { due: PAST }));
        await tx.batches.insert(batch('bat_7', { state: 'CLOSED' }));
        const expired = { state: 'EXPIRED', expires: PAST } as const;
        for (const row of [
          assigned('grt_1', 'bat_1'),
          assigned('grt_2', 'bat_2', { state: 'DONE' }),
          assigned('grt_3', 'bat_2', { state: 'REVOKED' }),
          assigned('grt_4', 'bat_3', { ...expired, started: PAST }),
          assigned('grt_5', 'bat_4', expired),
          assigned('grt_6', 'bat_5', { ...expired, started: PAST, opensUntil: PAST }),
          assigned('grt_7', 'bat_6', { state: 'CONSUMED' }),
        ])
          await tx.access.insertGrant(row);
      });
      const ids = await db.read(async (read) => (await read.batches.closable(NOW, 9)).map(({ id }) => id), wait);
      expect(ids).toEqual(['bat_5', 'bat_2', 'bat_4']);
    });
  });
}
