// Opening a database: tables are created once, by one process at a time, all of them or none.
import { describe, expect } from 'vitest';
import { ORIGIN, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

export function starts(databaseCase: DatabaseCase): void {
  describe('opening', () => {
    const it = inGroup('opening', databaseCase);

    it('changes nothing the second time, also by two processes at once', async ({ tested: database, another }) => {
      const before = await database.everything();
      await Promise.all([another(), another(), another()]);
      expect(await database.everything()).toEqual(before);
    });

    it('by several processes at once creates a new database once', async ({ tested: database, makeNew }) => {
      const fresh = await makeNew();
      const opened = await Promise.all([fresh.open(), fresh.open(), fresh.open()]);
      for (const one of opened) await one.close();
      expect(Object.keys(await fresh.everything())).toEqual(Object.keys(await database.everything()));
      expect((await fresh.everything())['kysely_migration']).toHaveLength(
        (await database.everything())['kysely_migration']?.length ?? 0,
      );
      await fresh.remove();
    });

    it('that is interrupted leaves nothing, so that the next start begins again', async ({
      tested: database,
      makeNew,
    }) => {
      const fresh = await makeNew();
      // A table with the name of the last index makes the migration fail near its end.
      await fresh.run('create table session_live (x integer)');
      await expect(fresh.open()).rejects.toMatchObject({ code: 'database_unavailable' });
      const left = Object.keys(await fresh.everything()).filter((name) => !name.startsWith('kysely'));
      expect(left).toEqual(['session_live']);
      await fresh.run('drop table session_live');
      await (await fresh.open()).close();
      expect(Object.keys(await fresh.everything())).toEqual(Object.keys(await database.everything()));
      await fresh.remove();
    });

    it('claims its origin once and rejects another, also of two processes at once', async ({ db, another }) => {
      const other = await another();
      const claims = await Promise.all([db.claimOrigin(ORIGIN, wait), other.claimOrigin('another.example', wait)]);
      expect([...claims].sort()).toEqual([false, true]);
      const again = await Promise.all([other.claimOrigin(ORIGIN, wait), db.claimOrigin('another.example', wait)]);
      expect(again).toEqual(claims);
    });
  });
}
