// Rows that give access without a MAC: the list for each tenant, and adding the MAC to the rows that were read.
import { describe, expect } from 'vitest';
import { changeWithEvent, wait } from '../support/fixture-rows.ts';
import { apiKey, decisionRow, principal } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

export function authority(databaseCase: DatabaseCase): void {
  describe('rows without a MAC', () => {
    const it = inGroup('rows without a MAC', databaseCase);

    it('are found, and get a MAC once if they are unchanged since they were read', async ({ db }) => {
      const mac = Buffer.alloc(32, 9);
      const older = { ...principal, id: 'usr_b', mac: null };
      await changeWithEvent(db, async (tx) => {
        await tx.principals.insert(principal);
        await tx.principals.insert(older);
        await tx.principals.insert({ ...older, tenant: 'ten_b' });
        await tx.principals.insertApiKey({ ...apiKey, mac: null });
        await tx.access.insertDecision({ ...decisionRow, approver: 'usr_b', mac: null });
      });
      const found = (table: string) => db.read((rows) => rows.authority.withoutMac('ten_a', table), wait);
      expect(await found('principal')).toEqual([older]);
      expect(await found('api_key')).toEqual([{ ...apiKey, mac: null }]);
      const [decision = {}] = await found('decision');
      const seal = (table: string, row: Readonly<Record<string, unknown>>) =>
        changeWithEvent(db, (tx) => tx.authority.setMac(table, row, mac));
      await expect(seal('principal', { ...older, version: 2 })).rejects.toMatchObject({ code: 'conflict' });
      await seal('principal', older);
      await seal('decision', decision);
      await expect(seal('principal', older)).rejects.toMatchObject({ code: 'conflict' });
      expect([await found('principal'), await found('decision')]).toEqual([[], []]);
      expect(await db.read((rows) => rows.principals.find('ten_a', 'usr_b'), wait)).toEqual({ ...older, mac });
    });
  });
}
