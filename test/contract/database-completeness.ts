// Completeness: recordings in numbers, what call lists say of them, the counts of a span, and what is overdue.
import { describe, expect } from 'vitest';
import type { Recording } from '../../src/model/recording.ts';
import type { Database } from '../../src/ports/database.ts';
import type { CallFilter, CallKind, CallPosition, CallSpan } from '../../src/ports/rows/completeness-rows.ts';
import { changeWithEvent, deposit, recordingOf, wait } from '../support/fixture-rows.ts';
import { tenant } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const NOW = '2026-11-25T13:00:00.000Z';
const SPAN: CallSpan = {
  tenant: 'ten_a',
  source: 'pbx',
  from: '2026-11-25T00:00:00.000Z',
  to: '2026-11-26T00:00:00.000Z',
};
const ALL: CallFilter = { queues: null, depositors: null };
const [CARDS, CLAIMS] = [Buffer.from('cards'), Buffer.from('claims')];

const listedAt = '2026-11-25T12:30:00.000Z';
const listed = { source: 'pbx', listedAt, listed: Buffer.alloc(0), expectedMs: 60_000, audioDue: NOW, queue: CARDS };
const awaited = { ...listed, state: 'EXPECTED', durationMs: null, depositor: '' } as const;

/** A call of each kind, named by it, and calls that no count of the span has. */
const CALLS: readonly Recording[] = [
  recordingOf('rec_stored', { ...listed, delayS: 5 }),
  recordingOf('rec_late', { ...listed, delayS: 5, queue: CLAIMS }),
  recordingOf('rec_short', { ...listed, expectedMs: 62_001 }),
  recordingOf('rec_two_percent', { ...listed, expectedMs: 200_000, durationMs: 196_000 }),
  recordingOf('rec_mismatch', { ...listed, differs: ['agent', 'start'] }),
  recordingOf('rec_missing', awaited),
  recordingOf('rec_pending', { ...awaited, audioDue: '2026-11-25T13:00:00.001Z', queue: CLAIMS }),
  recordingOf('rec_failed', awaited),
  recordingOf('rec_unlisted', { source: 'pbx', queue: CARDS }),
  recordingOf('rec_described', { source: 'pbx', state: 'EXPECTED' }),
  recordingOf('rec_erased', { ...listed, state: 'ERASED', facts: null }),
  recordingOf('rec_other_source', { ...listed, source: 'pbx-2' }),
  recordingOf('rec_other_day', { ...listed, startedAt: SPAN.to }),
  recordingOf('rec_other_tenant', { ...listed, tenant: 'ten_b' }),
];

async function insert(db: Database): Promise<void> {
  await changeWithEvent(db, async (tx) => {
    await tx.recordings.insertMany(CALLS.map((recording) => ({ recording, indexes: [] })));
    const of = { recording: 'rec_failed', lease: null };
    await tx.deposits.insert({ ...deposit, ...of, id: 'dep_f', state: 'ABORTED' });
  });
}

const callsOf = (db: Database, kind: CallKind, filter = ALL) =>
  db.read(async (rows) => {
    const found = await rows.completeness.calls(SPAN, filter, kind, NOW, null, 99);
    return found.map(({ id }) => id);
  }, wait);

export function completeness(databaseCase: DatabaseCase): void {
  describe('completeness', () => {
    const it = inGroup('completeness', databaseCase);

    it('counts the calls of a span by what is wrong with each', async ({ db }) => {
      await insert(db);
      await db.read(async ({ completeness: rows }) => {
        const kinds = { pending: 1, failed: 1, missing: 1, short: 1, mismatch: 1, unlisted: 1 };
        const counts = await rows.counts(SPAN, ALL, NOW, false);
        expect(counts).toEqual([expect.objectContaining({ expected: 8, stored: 5, ...kinds })]);
        expect(await rows.counts({ ...SPAN, source: 'none' }, ALL, NOW, false)).toEqual([]);
        expect(await rows.sources('ten_a')).toEqual(['pbx', 'pbx-2']);
        expect(await rows.hasList(SPAN, ALL)).toBe(true);
        expect(await rows.hasList({ ...SPAN, to: '2026-11-25T10:00:00.000Z' }, ALL)).toBe(false);
      }, wait);
      expect(await callsOf(db, 'missing')).toEqual(['rec_missing']);
      expect(await callsOf(db, 'pending')).toEqual(['rec_pending']);
      expect(await callsOf(db, 'failed')).toEqual(['rec_failed']);
      expect(await callsOf(db, 'short')).toEqual(['rec_short']);
      expect(await callsOf(db, 'mismatch')).toEqual(['rec_mismatch']);
      expect(await callsOf(db, 'unlisted')).toEqual(['rec_unlisted']);
    });

    it('counts by queue, and what a caller may see', async ({ db }) => {
      await insert(db);
      await db.read(async ({ completeness: rows }) => {
        const byQueue = await rows.counts(SPAN, ALL, NOW, true);
        const found = new Map(byQueue.map((one) => [Buffer.from(one.queue ?? []).toString(), one]));
        expect(found.get('claims')).toMatchObject({ expected: 2, stored: 1, pending: 1, missing: 0 });
        expect(found.get('cards')).toMatchObject({ expected: 6, stored: 4, missing: 1, unlisted: 1 });
        const delays = await rows.delays(SPAN, ALL, false);
        expect(delays).toEqual([expect.objectContaining({ seconds: 5, count: 2 })]);
        const some = { queues: [CLAIMS], depositors: ['svc_a', ''] };
        expect(await rows.counts(SPAN, some, NOW, false)).toMatchObject([{ expected: 2 }]);
        expect(await rows.counts(SPAN, { ...ALL, depositors: ['svc_b'] }, NOW, false)).toEqual([]);
        expect(await rows.counts(SPAN, { ...ALL, queues: [] }, NOW, false)).toEqual([]);
      }, wait);
      expect(await callsOf(db, 'missing', { queues: [CLAIMS], depositors: null })).toEqual([]);
    });

    it('lists calls page by page', async ({ db }) => {
      await insert(db);
      await changeWithEvent(db, async (tx) => {
        const more = ['rec_x', 'rec_y', 'rec_z'].map((id) => ({ recording: recordingOf(id, awaited), indexes: [] }));
        await tx.recordings.insertMany(more);
      });
      const pageAfter = (after: CallPosition | null): Promise<readonly CallPosition[]> =>
        db.read((rows) => rows.completeness.calls(SPAN, ALL, 'missing', NOW, after, 2), wait);
      const found: CallPosition[] = [];
      for (let page = await pageAfter(null); page.length > 0; page = await pageAfter(found.at(-1) ?? null))
        found.push(...page);
      expect(found.map(({ id }) => id)).toEqual(['rec_missing', 'rec_x', 'rec_y', 'rec_z']);
    });

    it('replaces what a list says of a call, and nothing else', async ({ db }) => {
      await insert(db);
      const [before] = CALLS;
      if (before === undefined) throw new Error('no call');
      const said = { expectedMs: 70_000, differs: ['queue'], listed: Buffer.from('sealed') } as const;
      await changeWithEvent(db, async (tx) => {
        const [row] = await tx.recordings.lockNaturals('ten_a', [before.natural, Buffer.from('none')]);
        expect(row?.id).toBe('rec_stored');
        await tx.recordings.setListings([{ ...before, ...said, durationMs: 1, state: 'ERASED' }]);
      });
      expect(await db.read((rows) => rows.recordings.find('ten_a', 'rec_stored'), wait)).toMatchObject({
        ...said,
        durationMs: before.durationMs,
        state: 'AVAILABLE',
      });
    });

    it('finds each overdue call of active tenants, until it is reported', async ({ db }) => {
      await insert(db);
      const overdue = () => db.read((rows) => rows.completeness.overdue(NOW, 99), wait);
      expect(await overdue()).toEqual([]);
      await changeWithEvent(db, (tx) => tx.tenants.insert(tenant));
      const both = [
        { tenant: 'ten_a', id: 'rec_failed' },
        { tenant: 'ten_a', id: 'rec_missing' },
      ];
      expect(await overdue()).toEqual(both);
      await changeWithEvent(db, async (tx) => {
        const ids = ['rec_missing', 'rec_pending', 'rec_stored'];
        const locked = await tx.completeness.lockOverdue('ten_a', ids, NOW);
        expect(locked.map(({ id }) => id)).toEqual(['rec_missing']);
        await tx.completeness.setMissing('ten_a', ['rec_missing'], NOW);
      });
      expect(await overdue()).toEqual(both.slice(0, 1));
      const row = await db.read((rows) => rows.recordings.find('ten_a', 'rec_missing'), wait);
      expect(row).toMatchObject({ missingAt: NOW, state: 'EXPECTED' });
    });
  });
}
