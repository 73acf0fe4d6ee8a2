// Changes: atomic with their events, in an append-only log with times that never go back, and with the caller's signal.
import { inspect } from 'node:util';
import { describe, expect } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Transaction } from '../../src/ports/database.ts';
import {
  changeWithEvent,
  deposit,
  gate,
  insertRows,
  recordingOf,
  START,
  someEvent,
  wait,
} from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

export function changes(databaseCase: DatabaseCase): void {
  describe('a change', () => {
    const it = inGroup('a change', databaseCase);

    it('leaves nothing if its event cannot be stored', async ({ tested: database, db }) => {
      const before = await database.everything();
      await database.run('alter table audit_event rename to audit_event_away');
      await expect(insertRows(db)).rejects.toMatchObject({ code: 'audit_unavailable', retryAfter: 5 });
      await database.run('alter table audit_event_away rename to audit_event');
      expect(await database.everything()).toEqual(before);
      await insertRows(db);
      expect(await database.everything()).not.toEqual(before);
    });

    it('leaves nothing if its second event fails', async ({ tested: database, db }) => {
      const before = await database.everything();
      const broken = { ...someEvent('ten_b'), object: { type: 'recording', id: 'rec_a', n: Number.NaN } };
      const change = db.change(async (tx) => {
        await tx.deposits.insert(deposit);
        return { result: 1, events: [someEvent('ten_a'), broken] };
      }, wait);
      await expect(change).rejects.toThrow();
      expect(await database.everything()).toEqual(before);
    });

    it('leaves nothing if it has no event or throws', async ({ tested: database, db }) => {
      const before = await database.everything();
      const silent = db.change(async (tx) => {
        await tx.deposits.insert(deposit);
        return { result: 1, events: [] };
      }, wait);
      await expect(silent).rejects.toMatchObject({ code: 'internal' });
      const planned = new Error('no');
      const thrown = db.change(async (tx) => {
        await tx.deposits.insert(deposit);
        throw planned;
      }, wait);
      await expect(thrown).rejects.toBe(planned);
      expect(await database.everything()).toEqual(before);
    });

    it('that finds nothing to change gives its result, and takes back only what it wrote', async ({ tested, db }) => {
      const before = await tested.everything();
      const unchanged = () =>
        db.change(async (tx) => {
          await tx.deposits.insert(deposit);
          return { result: 'as it was', unchanged: true };
        }, wait);
      expect(await unchanged()).toEqual({ result: 'as it was', receipts: [] });
      expect(await tested.everything()).toEqual(before);
      // Beside changes that wait in the same transaction.
      const others = ['rec_x', 'rec_y'].map((id) => changeWithEvent(db, (tx) => tx.recordings.insert(recordingOf(id))));
      const results = await Promise.all([others[0], unchanged(), others[1]]);
      expect(results[1]).toEqual({ result: 'as it was', receipts: [] });
      const found = await db.read((rows) => rows.recordings.findMany('ten_a', ['rec_x', 'rec_y']), wait);
      expect(found.map(({ id }) => id).sort()).toEqual(['rec_x', 'rec_y']);
      expect(await db.read((rows) => rows.deposits.find('ten_a', deposit.id), wait)).toBeNull();
    });

    it('succeeds for one of two changes from the same version', async ({ db, another }) => {
      await insertRows(db);
      const other = await another();
      const hits = await Promise.all(
        [db, other].map((one) => changeWithEvent(one, (tx) => tx.deposits.change(deposit, { state: 'ABORTING' }))),
      );
      expect([...hits].sort()).toEqual([false, true]);
      expect(await db.read((read) => read.deposits.find('ten_a', 'dep_a'), wait)).toMatchObject({ version: 2 });
    });

    it('throws conflict for an existing key, without the content of the row', async ({ db }) => {
      const secret = 'secret-of-the-row';
      const insert = (): Promise<void> =>
        changeWithEvent(db, (tx) => tx.deposits.insert({ ...deposit, id: secret, envelope: Buffer.from(secret) }));
      await insert();
      const error: unknown = await insert().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(VaultError);
      expect(error).toMatchObject({ code: 'conflict' });
      expect(inspect(error, { depth: 10 })).not.toContain(secret);
    });

    it('does not begin once the signal has fired', async ({ tested: database, db }) => {
      const before = await database.everything();
      const signal = AbortSignal.abort(new Error('gone'));
      let begun = false;
      const change = db.change(
        async () => {
          begun = true;
          return { result: 1, events: [someEvent()] };
        },
        { signal },
      );
      await expect(change).rejects.toThrow('gone');
      expect(begun).toBe(false);
      expect(await database.everything()).toEqual(before);
    });

    it('rejects when the signal fires, and leaves nothing', async ({ tested: database, db }) => {
      const before = await database.everything();
      const gone = new AbortController();
      const held = gate();
      const change = db.change(
        async (tx) => {
          await tx.deposits.insert(deposit);
          gone.abort(new Error('gone'));
          await held.passed;
          return { result: 1, events: [someEvent()] };
        },
        { signal: gone.signal },
      );
      await expect(change).rejects.toThrow('gone');
      held.open();
      await insertRows(db);
      const [row] = (await database.everything())['audit_head'] as [{ size: unknown }];
      expect(Number(row.size)).toBe(1);
      expect(Object.keys(await database.everything())).toEqual(Object.keys(before));
    });

    it('stops waiting for another change when the signal fires', async ({ tested: database, db, another }) => {
      await insertRows(db);
      const other = await another();
      const held = gate();
      const holding = gate();
      const first = changeWithEvent(db, async (tx) => {
        await tx.deposits.lock('ten_a', 'dep_a');
        holding.open();
        await held.passed;
      });
      await holding.passed;
      const gone = new AbortController();
      const second = other.change(
        async (tx) => ({
          result: await tx.deposits.change(deposit, { state: 'ABORTING' }),
          events: [someEvent()],
        }),
        { signal: gone.signal },
      );
      setTimeout(() => gone.abort(new Error('gone')), 100);
      const begun = performance.now();
      await expect(second).rejects.toThrow('gone');
      expect(performance.now() - begun).toBeLessThan(20_000);
      held.open();
      await first;
      // Once the next change has run, the aborted one has been rolled back.
      await changeWithEvent(other, async (tx) => tx.deposits.lock('ten_a', 'dep_a'));
      expect((await database.everything())['deposit']).toMatchObject([{ state: 'UPLOADING', version: 1 }]);
    });
  });

  describe('the log', () => {
    const it = inGroup('the log', databaseCase);

    it('can be neither updated nor deleted', async ({ tested: database, db }) => {
      await insertRows(db);
      for (const statement of [
        ...["update audit_event set id = 'x'", 'delete from audit_event'],
        ...["update audit_subject set recording = 'x'", 'delete from audit_subject'],
      ]) {
        await expect(database.run(statement)).rejects.toThrow('the log only grows');
      }
    });

    it('keeps its times in order when the clock goes back', async ({ tested: database, db }) => {
      const times: string[] = [];
      const tenant = { ...wait, tenant: 'ten_a' };
      for (const at of [START + 5_000, START, START - 55_000, START + 6_000]) {
        database.setClock(at);
        await db.change(async (tx) => {
          times.push(await tx.now(), await tx.now());
          return { result: undefined, events: [someEvent('ten_a')] };
        }, tenant);
        times.push(await db.read((read) => read.now(), tenant));
      }
      expect(times).toEqual([...times].sort());
      expect(times[0]).toBe('2026-11-25T12:00:05.000Z');
      expect(times.at(-1)).toBe('2026-11-25T12:00:06.000Z');
    });

    it('lists its events in order, from an index, up to a limit', async ({ db }) => {
      const { receipts } = await db.change(
        async () => ({ result: 0, events: Array.from({ length: 12 }, () => someEvent()) }),
        wait,
      );
      expect(receipts.map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, n) => n));
      const some = await db.read((read) => read.log.events('ten_a', 9, 2), wait);
      expect(some.map(({ seq }) => seq)).toEqual([9, 10]);
      expect(some.map(({ hash }) => Buffer.from(hash))).toEqual(
        receipts.slice(9, 11).map(({ hash }) => Buffer.from(hash)),
      );
      expect(await db.read((read) => read.log.events('ten_b', 0, 2), wait)).toEqual([]);
    });

    it('lists its events newest first, below an index, with the sealed details of some', async ({ db }) => {
      const sealed = { salt: Buffer.alloc(32, 1), commitment: 'c', sealed: Buffer.from([0, 255]) };
      const events = Array.from({ length: 12 }, (_, n) => ({
        ...someEvent(),
        ...(n % 5 === 1 ? { detail: sealed } : {}),
      }));
      await db.change(async () => ({ result: 0, events }), wait);
      const below = (before: number | null, limit: number) =>
        db.read(async (read) => (await read.log.eventsBelow('ten_a', before, limit)).map(({ seq }) => seq), wait);
      expect(await below(null, 3)).toEqual([11, 10, 9]);
      expect(await below(9, 2)).toEqual([8, 7]);
      expect(await below(2, 9)).toEqual([1, 0]);
      expect(await below(0, 9)).toEqual([]);
      const details = await db.read((read) => read.log.details('ten_a', [11, 6, 2]), wait);
      expect(
        details.map(({ seq, salt, sealed: kept }) => [seq, Buffer.from(salt ?? []), Buffer.from(kept ?? [])]),
      ).toEqual([6, 11].map((seq) => [seq, sealed.salt, sealed.sealed]));
      expect(await db.read((read) => read.log.details('ten_b', [6]), wait)).toEqual([]);
      expect(await db.read((read) => read.log.details('ten_a', []), wait)).toEqual([]);
    });
  });

  describe('a read', () => {
    const it = inGroup('a read', databaseCase);

    it('sees one snapshot, whatever other changes commit meanwhile', async ({ db, another }) => {
      await changeWithEvent(db, (tx) => tx.recordings.insert(recordingOf('rec_1')));
      const other = await another();
      const seen = await db.read(async (read) => {
        const before = await read.recordings.page('ten_a', { indexes: [] }, null, 10);
        await changeWithEvent(other, async (tx) => {
          await tx.recordings.insert(recordingOf('rec_2'));
          await tx.recordings.change(recordingOf('rec_1'), { quarantine: ['basis'] });
        });
        const after = await read.recordings.page('ten_a', { indexes: [] }, null, 10);
        return { before, after, one: await read.recordings.find('ten_a', 'rec_1') };
      }, wait);
      expect(seen.after).toEqual(seen.before);
      expect(seen.one).toMatchObject({ version: 1, quarantine: [] });
      expect(await db.read((read) => read.recordings.page('ten_a', { indexes: [] }, null, 10), wait)).toHaveLength(2);
    });

    it('cannot write', async ({ tested: database, db }) => {
      const before = await database.everything();
      const write = db.read((read) => (read as Transaction).deposits.insert(deposit), wait);
      await expect(write).rejects.toBeInstanceOf(VaultError);
      expect(await database.everything()).toEqual(before);
    });
  });
}
