// Rows of holds that were edited or deleted by SQL: verification names each by what the entries say.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { holdContinuer } from '../../../src/vault/holds/continue-holds.ts';
import { verifyTenantData } from '../../../src/vault/verify/verify.ts';
import { AMENDED_ON, openAmended } from '../../support/amended.ts';
import { sharedFixture } from '../../support/fixtures.ts';
import { erased, lifted, officerOf, placed } from '../../support/held.ts';
import type { Row, RowsBySql } from '../../support/rows-by-sql.ts';

for (const { on, present, reason } of AMENDED_ON.slice(0, 2)) {
  describe.skipIf(!present)(`verification of holds on ${on} ${reason}`.trim(), () => {
    const test = sharedFixture(
      () => openAmended(on),
      (one) => one.close(),
    );
    let sql: RowsBySql;
    let [list, rule, ended, one, two]: string[] = [];
    /** The rows before an edit. */
    let before: Readonly<Record<string, readonly Row[]>> = {};
    const TABLES = { hold: ['id'], hold_recording: ['hold', 'recording'], recording: ['id'] } as const;

    beforeAll(async () => {
      sql = await test.sql();
      const officer = await officerOf(test.vault, test.id, test.request);
      [one, two] = [(await test.deposit('1')).recording, (await test.deposit('2')).recording];
      list = await placed(test.vault, officer, { recordings: [one, two] }, test.request);
      rule = await placed(test.vault, officer, { query: { from: '2020-01-01T00:00:00.000Z' } }, test.request);
      ended = await placed(test.vault, officer, { recordings: [two] }, test.request);
      await lifted(test.vault, test.id, list, [two], test.request);
      await lifted(test.vault, test.id, ended, undefined, test.request);
      // Before and after the counts of a lifted hold have followed, nothing is wrong.
      expect(await faults()).toEqual([]);
      await holdContinuer(test.vault)(test.request);
      await entryStorer(test.vault, () => undefined)(test.request);
      expect(await faults()).toEqual([]);
      before = Object.fromEntries(
        await Promise.all(Object.keys(TABLES).map(async (table) => [table, await sql.all(table)] as const)),
      );
    }, 300_000);
    afterEach(async () => {
      for (const [table, keys] of Object.entries(TABLES)) {
        const which = (row: Row): Row => Object.fromEntries(keys.map((key) => [key, row[key]]));
        const now = await sql.all(table);
        const same = (a: Row, b: Row) => keys.every((key) => a[key] === b[key]);
        for (const row of before[table] ?? [])
          if (now.some((found) => same(found, row))) await sql.set(table, which(row), row);
          else await sql.insert(table, row);
        for (const row of now)
          if (!(before[table] ?? []).some((found) => same(found, row))) await sql.remove(table, which(row));
      }
      expect(await faults()).toEqual([]);
    });
    afterAll(() => sql?.close());

    async function faults(): Promise<(string | number | undefined)[][]> {
      const found: (string | number | undefined)[][] = [];
      const tell = {
        total: () => undefined,
        step: () => undefined,
        found: ({ kind, subject, n, why }: Parameters<Parameters<typeof verifyTenantData>[4]['found']>[0]) =>
          void found.push([kind, subject, n, why]),
      };
      const options = { sample: 0, quarantine: false };
      await verifyTenantData(test.vault, operatorActor('op-9'), await test.row(), options, tell, test.request);
      return found.sort();
    }
    const of = (hold: string | undefined, n: number, why: string) => ['hold_differs', hold, n, why];
    /** The log says so too. */
    const inLog = (hold: string | undefined) => ['row_differs', hold, undefined, 'lifted'];
    const inHold = (hold: string | undefined, recording: string | undefined): Row => ({ hold, recording });

    it('finds a hold whose row was deleted, although nothing blocks erasing then', async () => {
      for (const recording of [one, two]) await sql.remove('hold_recording', inHold(rule, recording));
      await sql.remove('hold', { id: rule });
      expect(await faults()).toContainEqual(of(rule, 1, 'missing'));
      // The counts are wrong too: erasing stops.
      expect(await erased(test.vault, test.id, two ?? '', test.request)).toBe('integrity');
    });

    it('finds a recording that was taken out of a hold, and one that was put in', async () => {
      await sql.remove('hold_recording', inHold(list, one));
      expect(await faults()).toContainEqual(of(list, 2, 'recordings'));
      await sql.insert('hold_recording', { tenant: test.id, hold: list, recording: 'rec_x', covered: 2, lifted: 0 });
      expect(await faults()).toContainEqual(of(list, 2, 'recordings'));
    });

    it.each([
      ['marked as lifted', { lifted: 1 }],
      ['of another entry', { covered: 9 }],
    ])('finds a recording that is %s', async (_name, values) => {
      await sql.set('hold_recording', inHold(rule, two), values);
      expect(await faults()).toContainEqual(of(rule, 2, 'recordings'));
    });

    it('finds a recording that was put back into a hold', async () => {
      await sql.set('hold_recording', inHold(list, two), { lifted: 0 });
      expect(await faults()).toContainEqual(of(list, 3, 'recordings'));
    });

    it('finds a count that was set to none', async () => {
      await sql.set('recording', { id: one }, { holds: 0 });
      expect(await faults()).toEqual([of(list, 2, 'count'), of(rule, 2, 'count')].sort());
    });

    it.each([
      ['lifted', { state: 'LIFTED', lifted: '2026-11-28T10:00:00.000Z', lifted_by: 'usr_x' }, 1],
      ['lifted, by its state alone', { state: 'LIFTED' }, 1],
    ])('finds a hold that is %s', async (_name, values, n) => {
      await sql.set('hold', { id: rule }, values);
      expect(await faults()).toEqual([of(rule, n, 'lifted'), inLog(rule)]);
    });

    it('finds a lifted hold that is active again', async () => {
      await sql.set('hold', { id: ended }, { state: 'ACTIVE' });
      expect(await faults()).toEqual([of(ended, 3, 'lifted'), inLog(ended)]);
    });

    it.each([
      ['review', { review: '2020-01-01T00:00:00.000Z' }, 'said'],
      ['continuing', { continuing: 1 }, 'said'],
      ['placed_by', { placed_by: 'usr_x' }, 'said'],
      ['created', { created: '2020-01-01T00:00:00.000Z' }, 'said'],
      ['scope', { scope: null }, 'said'],
      ['note', { note: Buffer.from('no') }, 'damaged'],
    ])('finds another %s', async (_name, values, why) => {
      await sql.set('hold', { id: rule }, values);
      expect(await faults()).toEqual([of(rule, 1, why)]);
    });
  });
}
