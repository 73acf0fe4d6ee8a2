// Rows of changes by two people: pages of a tenant and of all commands, what waits, what is overdue.
import { describe, expect } from 'vitest';
import type { Change } from '../../src/model/change/change.ts';
import type { ChangeRows } from '../../src/ports/rows/change-rows.ts';
import { changeWithEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const proposal: Change = {
  tenant: 'ten_a',
  id: 'chg_a',
  kind: 'settings',
  state: 'OPEN',
  version: 1,
  base: 'aa',
  body: Buffer.from([0, 255]),
  preview: null,
  effects: 'bb',
  note: Buffer.from([1]),
  proposer: 'usr_a',
  byCommand: false,
  opened: '2026-11-25T12:00:00.000Z',
  expires: '2026-12-02T12:00:00.000Z',
  decider: null,
  decided: null,
  reason: null,
  leafIndex: null,
  leafHash: null,
  signed: null,
  mac: Buffer.alloc(32, 7),
};

export function proposals(databaseCase: DatabaseCase): void {
  describe('changes by two people', () => {
    const it = inGroup('changes by two people', databaseCase);

    it('are read as they were written, once an id, and changed by one of two', async ({ db }) => {
      const signed = { leafIndex: 7, leafHash: Buffer.alloc(32, 9), signed: '2026-11-25T12:01:00.000Z' };
      const full = { ...proposal, ...signed, preview: Buffer.from([2]), reason: Buffer.from([3]), decider: 'usr_b' };
      const whole: Change = { ...full, decided: '2026-11-25T13:00:00.000Z', byCommand: true };
      await changeWithEvent(db, (tx) => tx.changes.insert(whole));
      const read = (tenant: string) => db.read((rows) => rows.changes.find(tenant, 'chg_a'), wait);
      expect([await read('ten_a'), await read('ten_b')]).toEqual([whole, null]);
      expect(await db.read((rows) => rows.changes.byId('chg_a'), wait)).toEqual(whole);
      const again = changeWithEvent(db, (tx) => tx.changes.insert({ ...proposal, tenant: 'ten_b' }));
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
      const refuse = () =>
        db.change(async (tx) => {
          const done = await tx.changes.change(whole, { state: 'REFUSED', mac: null });
          return { result: done, events: [] };
        }, wait);
      await expect(refuse()).rejects.toMatchObject({ code: 'internal' });
      const results: boolean[] = [];
      for (const state of ['REFUSED', 'WITHDRAWN'] as const)
        await changeWithEvent(db, async (tx) => {
          results.push(await tx.changes.change(whole, { state, mac: null }));
        });
      expect(results).toEqual([true, false]);
      expect(await read('ten_a')).toEqual({ ...whole, state: 'REFUSED', version: 2, mac: null });
    });

    it('are listed newest first, by tenant and by state, and those of commands across tenants', async ({ db }) => {
      const rows: readonly Partial<Change>[] = [
        { id: 'chg_a' },
        { id: 'chg_b', state: 'APPLIED', byCommand: true },
        { id: 'chg_c', byCommand: true },
        { id: 'chg_d', tenant: 'ten_b', byCommand: true },
        { id: 'chg_e', tenant: 'ten_b' },
        { id: 'chg_f', state: 'PREVIEWING' },
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) await tx.changes.insert({ ...proposal, ...row });
      });
      const ids = (found: readonly Change[]) => found.map(({ id }) => id.slice(4)).join('');
      const page = (...args: Parameters<ChangeRows['page']>) =>
        db.read((read) => read.changes.page(...args), wait).then(ids);
      const commands = (...args: Parameters<ChangeRows['pageByCommand']>) =>
        db.read((read) => read.changes.pageByCommand(...args), wait).then(ids);
      expect(await page('ten_a', null, null, 10)).toBe('fcba');
      expect(await page('ten_a', null, 'chg_c', 1)).toBe('b');
      expect(await page('ten_a', 'OPEN', null, 10)).toBe('ca');
      expect(await commands(null, null, 10)).toBe('dcb');
      expect(await commands('OPEN', 'chg_d', 10)).toBe('c');
      const open = (tenant: string) => db.read((read) => read.changes.countOpen(tenant), wait);
      expect([await open('ten_a'), await open('ten_b'), await open('ten_c')]).toEqual([3, 2, 0]);
    });

    it('are overdue once they have expired, while they wait', async ({ db }) => {
      const rows: readonly Partial<Change>[] = [
        { id: 'chg_a', expires: '2026-11-25T12:00:02.000Z' },
        { id: 'chg_b', expires: '2026-11-25T12:00:01.000Z', state: 'APPROVED' },
        { id: 'chg_c', expires: '2026-11-25T12:00:01.000Z', state: 'APPLIED' },
        { id: 'chg_d' },
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) await tx.changes.insert({ ...proposal, ...row });
      });
      const due = async (now: string, limit = 10) =>
        (await db.read((read) => read.changes.overdue(now, limit), wait)).map(({ id }) => id);
      expect(await due('2026-11-25T12:00:02.000Z')).toEqual(['chg_b', 'chg_a']);
      expect(await due('2026-11-25T12:00:02.000Z', 1)).toEqual(['chg_b']);
      expect(await due('2026-11-25T12:00:00.999Z')).toEqual([]);
    });

    it('of all tenants whose batches are not all done are approved releases', async ({ db }) => {
      const rows: readonly Partial<Change>[] = [
        { id: 'chg_a', kind: 'release', state: 'APPROVED', expires: '2026-12-03T12:00:00.000Z' },
        { id: 'chg_b', kind: 'release', state: 'APPROVED', tenant: 'ten_b' },
        { id: 'chg_c', kind: 'release', state: 'APPLIED' },
        { id: 'chg_d', kind: 'release' },
        // A command acts on it.
        { id: 'chg_e', kind: 'link', state: 'APPROVED' },
      ];
      await changeWithEvent(db, async (tx) => {
        for (const row of rows) await tx.changes.insert({ ...proposal, ...row });
      });
      const approved = async (limit: number) =>
        (await db.read((read) => read.changes.approvedOf('release', limit), wait)).map(({ id }) => id);
      expect([await approved(10), await approved(1)]).toEqual([['chg_b', 'chg_a'], ['chg_b']]);
    });
  });
}
