// Idempotency keys: one claim at a time in each scope, and a reply that is stored atomically with its change.
import { describe, expect } from 'vitest';
import type { Database, Notes } from '../../src/ports/database.ts';
import { someEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const claim = { tenant: 'ten_a', principal: 'usr_a', route: 'POST /a', key: Buffer.from('k'), owner: 'me' };
const body = Buffer.from('b');

const note = <T>(db: Database, work: (notes: Notes) => Promise<T>): Promise<T> => db.note(work, wait);
const find = (db: Database) => db.read((rows) => rows.idempotency.find(claim), wait);
const store = (db: Database, owner: string, ids = ['rec_a', 'dep_a']) =>
  db.change(async () => {
    const reply = { claim: { ...claim, owner }, outcome: 'created', ids } as const;
    return { result: undefined, events: [someEvent()], reply };
  }, wait);

export function idempotency(databaseCase: DatabaseCase): void {
  describe('an idempotency key', () => {
    const it = inGroup('an idempotency key', databaseCase);

    it('is claimed by one of many claimants, in several processes', async ({ db, another }) => {
      const handles = [db, await another(), await another()];
      const tries = handles.flatMap((handle, h) =>
        [1, 2, 3].map((n) =>
          note(handle, (n0) => n0.idempotency.claim({ ...claim, owner: `${h}${n}` }, body, 'a', 'm')),
        ),
      );
      expect((await Promise.all(tries)).filter((mine) => mine)).toHaveLength(1);
    });

    it('is taken over only after its lease has expired, separately in each scope', async ({ db }) => {
      const take = (over: object, now: string) =>
        note(db, (n) => n.idempotency.claim({ ...claim, ...over }, body, now, 'm'));
      expect(await take({}, 'a')).toBe(true);
      const scopes = [{ tenant: 'ten_b' }, { principal: 'usr_b' }, { route: 'POST /b' }, { key: Buffer.from('j') }];
      for (const scope of scopes) expect(await take(scope, 'a')).toBe(true);
      expect(await take({ owner: 'you' }, 'l')).toBe(false);
      expect(await take({ owner: 'you' }, 'm')).toBe(true);
      expect(await find(db)).toMatchObject({ owner: 'you', reply: null });
    });

    it('stores only the reply of its owner, once, atomically with the change', async ({ tested, db }) => {
      await note(db, (n) => n.idempotency.claim(claim, body, 'a', 'm'));
      const before = await tested.everything();
      await expect(store(db, 'you')).rejects.toMatchObject({ code: 'idempotency_in_progress' });
      expect(await tested.everything()).toEqual(before);
      await store(db, 'me');
      const until = '2026-12-02T12:00:00.000Z';
      expect(await find(db)).toMatchObject({ reply: { outcome: 'created', ids: ['rec_a', 'dep_a'], seq: 0 }, until });
      expect((await tested.everything())['idempotency']).toMatchObject([{ ids: 'rec_a,dep_a', outcome: 'created' }]);
      await expect(store(db, 'me', ['rec_b'])).rejects.toMatchObject({ code: 'idempotency_in_progress' });
      expect(await note(db, (n) => n.idempotency.release(claim))).toBe(false);
      expect(await find(db)).toMatchObject({ reply: { ids: ['rec_a', 'dep_a'] } });
    });

    it('is released only by its owner', async ({ db }) => {
      await note(db, (n) => n.idempotency.claim(claim, body, 'a', 'm'));
      expect(await note(db, (n) => n.idempotency.release({ ...claim, owner: 'you' }))).toBe(false);
      expect(await note(db, (n) => n.idempotency.release(claim))).toBe(true);
      expect(await find(db)).toBeNull();
    });

    it('stores no reply whose event is in another log', async ({ db }) => {
      await note(db, (n) => n.idempotency.claim(claim, body, 'a', 'm'));
      const reply = { claim, outcome: 'done', ids: [] } as const;
      const elsewhere = db.change(async () => ({ result: 1, events: [someEvent('ten_b')], reply }), wait);
      await expect(elsewhere).rejects.toMatchObject({ code: 'internal' });
    });
  });
}
