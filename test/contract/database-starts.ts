// Opening: tables made once, by one process after the other, all of them or none.
import { describe, expect } from 'vitest';
import { ORIGIN, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

export function starts(databaseCase: DatabaseCase): void {
  describe('opening', () => {
    const test = inGroup('opening', databaseCase);

    test('changes nothing the second time, and two at once are no trouble', async ({ tested: database, another }) => {
      const before = await database.everything();
      await Promise.all([another(), another(), another()]);
      expect(await database.everything()).toEqual(before);
    });

    test('by several at once makes a new database once', async ({ tested: database, make }) => {
      const fresh = await make();
      const opened = await Promise.all([fresh.open(), fresh.open(), fresh.open()]);
      for (const one of opened) await one.close();
      expect(Object.keys(await fresh.everything())).toEqual(Object.keys(await database.everything()));
      expect((await fresh.everything())['kysely_migration']).toHaveLength(
        (await database.everything())['kysely_migration']?.length ?? 0,
      );
      await fresh.remove();
    });

    test('that is cut leaves nothing, so that the next start begins anew', async ({ tested: database, make }) => {
      const fresh = await make();
      // A name in the way of the last index: the migration fails near its end.
      await fresh.run('create table session_live (x integer)');
      await expect(fresh.open()).rejects.toMatchObject({ code: 'database_unavailable' });
      const left = Object.keys(await fresh.everything()).filter((name) => !name.startsWith('kysely'));
      expect(left).toEqual(['session_live']);
      await fresh.run('drop table session_live');
      await (await fresh.open()).close();
      expect(Object.keys(await fresh.everything())).toEqual(Object.keys(await database.everything()));
      await fresh.remove();
    });

    test('claims its name once: another name is refused, also of two at once', async ({ db, another }) => {
      const other = await another();
      const claims = await Promise.all([db.claimOrigin(ORIGIN, wait), other.claimOrigin('another.example', wait)]);
      expect([...claims].sort()).toEqual([false, true]);
      const again = await Promise.all([other.claimOrigin(ORIGIN, wait), db.claimOrigin('another.example', wait)]);
      expect(again).toEqual(claims);
    });
  });
}
