// Who may repair a log on PostgreSQL: operators' user brings events back, and only the owner removes any.
import { describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { leafHash } from '../../src/model/audit-event.ts';
import { ORIGIN, someEvent, testClock, wait } from '../support/fixture-rows.ts';
import { needs } from '../support/needs.ts';
import { postgresDatabase } from '../support/postgres-database.ts';
import { createUsers } from '../support/postgres-users.ts';

const { present, reason } = needs('postgresql');

describe.skipIf(!present)(`a held log on PostgreSQL ${reason}`, () => {
  it('gets events back by callvault_operator, and loses them only by the owner', async () => {
    const tested = await postgresDatabase();
    const owner = await tested.open();
    await createUsers(tested.url);
    // Roles belong to the whole server, which other suites use too.
    const name = `${new URL(tested.url).pathname.slice(1)}_operator`;
    await tested.run(`create role "${name}" login in role callvault_operator`);
    const url = Object.assign(new URL(tested.url), { username: name }).href;
    const db = await openPostgres(url, {
      clock: testClock().of(0),
      identity: { origin: ORIGIN, node: 'node-1' },
      witness: false,
    });
    try {
      await owner.change(async () => ({ result: null, events: [someEvent()] }), wait);
      expect(await db.note((notes) => notes.holds.hold('ten_a', 'fork', -1), wait)).toBe(true);
      const remove = (by: typeof db) =>
        by.repair((repairs) => repairs.remove('ten_a', 1, 0, [{ from: 0, to: 1 }]), wait);
      await expect(remove(db)).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('only the owner of the tables'),
      });
      expect(await db.read((rows) => rows.log.state('ten_a'), wait)).toMatchObject({ size: 1, held: 'fork' });
      expect(await remove(owner)).toBe(true);
      const leaf = Buffer.from('{"v":1}');
      const event = { seq: 0, id: 'evt_a', leaf, hash: leafHash(leaf), subjects: ['rec_a'] };
      const page = { events: [event], mark: '2026-11-25T12:00:00.000Z' };
      expect(await db.repair((repairs) => repairs.begin('ten_a', 0), wait)).toBe(true);
      const seal = { size: 1, note: 'note' };
      expect(await db.repair((repairs) => repairs.reinsert('ten_a', 0, page, seal), wait)).toBe(true);
      const lifted = db.change(async (tx) => ({ result: await tx.log.lift('ten_a', 1), events: [someEvent()] }), wait);
      expect(await lifted).toMatchObject({ result: true, receipts: [{ seq: 1 }] });
    } finally {
      await db.close();
      await owner.close();
      await tested.remove();
    }
  });
});
