// Joined reads and locks: what they return is what the separate reads of the same tables return.
import { describe, expect } from 'vitest';
import type { Database, Transaction } from '../../src/ports/database.ts';
import {
  accessRequestRow,
  changeWithEvent,
  deposit,
  grant,
  insertRows,
  recording,
  session,
  wait,
} from '../support/fixture-rows.ts';
import { apiKey, objectRow, principal, signIn, tenant, wrappedKeyRow } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

const policy = { tenant: 'ten_a', created: 'a', body: '{}', change: null, mac: Buffer.alloc(32, 7) };
const by = { tenant: 'ten_a', principal: 'usr_a', apiKey: 'key_a' };
const browser = {
  tenant: 'ten_a',
  principal: 'usr_a',
  signIn: { id: 'sgn_a', authTime: 'a', authMethod: 'link' },
} as const;
const newest = { ...policy, id: 'pol_b' };

/** A tenant with two policies, people, credentials, and a session on an AVAILABLE deposit. */
async function fill(db: Database): Promise<void> {
  await insertRows(db);
  await changeWithEvent(db, async (tx) => {
    await tx.tenants.insert(tenant);
    await tx.tenants.insertPolicy(newest);
    await tx.tenants.insertPolicy({ ...policy, id: 'pol_a' });
    await tx.tenants.insertPolicy({ ...policy, tenant: 'ten_b', id: 'pol_c' });
    await tx.principals.insert(principal);
    await tx.principals.insertApiKey(apiKey);
    await tx.signIns.insertSignIn(signIn);
    await tx.recordings.insert(recording);
    await tx.access.insertRequest(accessRequestRow);
    await tx.access.insertGrant(grant);
  });
}

export function looks(databaseCase: DatabaseCase): void {
  describe('a joined read', () => {
    const it = inGroup('a joined read', databaseCase);

    it('of a credential finds its principal and tenant', async ({ db }) => {
      await fill(db);
      const found = await db.read(
        async ({ looks }) => [
          await looks.apiKey('key_a'),
          await looks.apiKey('key_none'),
          await looks.signIn('sgn_a'),
          await looks.signIn('sgn_none'),
        ],
        wait,
      );
      expect(found).toEqual([{ apiKey, principal, tenant }, null, { signIn, principal, tenant }, null]);
      await changeWithEvent(db, async (tx) => {
        await tx.principals.insertApiKey({ ...apiKey, id: 'key_b', tenant: 'ten_none' });
        await tx.principals.insertApiKey({ ...apiKey, id: 'key_c', principal: 'usr_none' });
      });
      expect(await db.read(({ looks }) => looks.apiKey('key_b'), wait)).toMatchObject({
        principal: null,
        tenant: null,
      });
      expect(await db.read(({ looks }) => looks.apiKey('key_c'), wait)).toMatchObject({ principal: null, tenant });
    });

    it('of a tenant finds its newest policy', async ({ db }) => {
      await fill(db);
      const of = (id: string) => db.read(({ looks }) => looks.policy(id), wait);
      expect(await of('ten_a')).toEqual({ tenant, policy: newest });
      expect(await of('ten_none')).toBeNull();
    });

    it('of a session finds what it depends on, and only the presented credential', async ({ db }) => {
      await fill(db);
      const rows = { tenant, policy: newest, session, grant, recording, person: principal };
      const look = (who: typeof by | typeof browser, id = 'ses_a') =>
        db.read(({ looks }) => looks.session(who, id), wait);
      expect(await look(by)).toEqual({ ...rows, apiKey, signIn: null });
      expect(await look(browser)).toEqual({ ...rows, apiKey: null, signIn });
      const none = { session: null, grant: null, recording: null };
      expect(await look(by, 'ses_none')).toEqual({ ...rows, ...none, apiKey, signIn: null });
      expect(await look({ ...by, tenant: 'ten_none' })).toBeNull();
    });

    it("of a session's object finds its AVAILABLE deposit alone", async ({ db }) => {
      await fill(db);
      const what = { deposit: 'audio', name: 'audio' };
      const look = () => db.read(({ looks }) => looks.sessionObject('ten_a', 'ses_a', what), wait);
      expect(await look()).toBeNull();
      await changeWithEvent(db, (tx) => tx.deposits.change(deposit, { state: 'AVAILABLE' }));
      const available = { ...deposit, state: 'AVAILABLE', version: 2 };
      expect(await look()).toEqual({ deposit: available, object: null, key: null });
      await changeWithEvent(db, async (tx) => {
        await tx.deposits.insertObject(objectRow);
        await tx.wrappedKeys.insert(wrappedKeyRow);
      });
      expect(await look()).toEqual({ deposit: available, object: objectRow, key: wrappedKeyRow });
    });

    it('gives the time of its transaction, as a read of the log does', async ({ tested, db }) => {
      await fill(db);
      const tenant = { ...wait, tenant: 'ten_a' };
      const latest = await db.read((rows) => rows.now(), tenant);
      tested.setClock(Date.parse(latest) - 60_000);
      const time = (first: (rows: Parameters<Parameters<Database['read']>[0]>[0]) => Promise<unknown>) =>
        db.read(async (rows) => {
          await first(rows);
          return rows.now();
        }, tenant);
      expect(await time(({ looks }) => looks.policy('ten_a'))).toBe(latest);
      expect(await time(({ looks }) => looks.policy('ten_none'))).toBe(latest);
      expect(await time(({ looks }) => looks.session(by, 'ses_a'))).toBe(latest);
    });

    it('under locks finds the same rows, or nothing without a locked one', async ({ db }) => {
      await fill(db);
      const beside = { tenant, policy: newest, apiKey, signIn: null };
      await changeWithEvent(db, async ({ looks }) => {
        expect(await looks.lockToAsk(by, 'rec_a')).toEqual({ ...beside, recording });
        const decided = { request: accessRequestRow, recording, person: principal };
        expect(await looks.lockToDecide(by, 'req_a')).toEqual({ ...beside, ...decided });
        expect(await looks.lockAllToDecide(by, ['req_none', 'req_a'])).toEqual([{ ...beside, ...decided }]);
        expect(await looks.toDecide(by, ['req_none', 'req_a'])).toEqual([{ ...beside, ...decided }]);
        expect(await looks.toDecide({ ...by, tenant: 'ten_none' }, ['req_a'])).toEqual([]);
        expect(await looks.lockToOpen(by, 'grt_a')).toEqual({ ...beside, recording, grant });
        expect(await looks.lockToAsk(by, 'rec_none')).toBeNull();
        expect(await looks.lockToDecide(by, 'req_none')).toBeNull();
        expect(await looks.lockToOpen(by, 'grt_none')).toBeNull();
        expect(await looks.lockToAsk({ ...by, tenant: 'ten_none' }, 'rec_a')).toBeNull();
      });
    });

    it('that waits for the tenant judges by the policy that the change before it stored', async ({ db, another }) => {
      await fill(db);
      const other = await another();
      const locks = [
        (tx: Transaction) => tx.looks.lockToAsk(by, 'rec_a'),
        (tx: Transaction) => tx.looks.lockToDecide(by, 'req_a'),
        async (tx: Transaction) => (await tx.looks.lockAllToDecide(by, ['req_a']))[0],
        (tx: Transaction) => tx.looks.lockToOpen(by, 'grt_a'),
      ];
      for (const [n, lock] of locks.entries()) {
        let locked = (): void => undefined;
        const first = new Promise<void>((resolve) => {
          locked = resolve;
        });
        const replacing = changeWithEvent(db, async (tx) => {
          await tx.tenants.lock('ten_a');
          locked();
          await new Promise((resolve) => setTimeout(resolve, 200));
          await tx.tenants.insertPolicy({ ...newest, id: `pol_c${n}` });
        });
        await first;
        const seen: (string | undefined)[] = [];
        await changeWithEvent(other, async (tx) => {
          seen.push((await lock(tx))?.policy?.id);
        });
        await replacing;
        expect(seen.at(-1)).toBe(`pol_c${n}`);
      }
    });

    it('under a lock that another change held finds what that one wrote', async ({ db, another }) => {
      await fill(db);
      const other = await another();
      let locked = (): void => undefined;
      const first = new Promise<void>((resolve) => {
        locked = resolve;
      });
      const consuming = changeWithEvent(db, async (tx) => {
        await tx.looks.lockToOpen(by, 'grt_a');
        locked();
        await new Promise((resolve) => setTimeout(resolve, 200));
        await tx.access.changeGrant(grant, { usesLeft: 2, mac: null });
      });
      await first;
      const seen: (number | undefined)[] = [];
      await changeWithEvent(other, async (tx) => {
        seen.push((await tx.looks.lockToOpen(by, 'grt_a'))?.grant.usesLeft);
      });
      await consuming;
      expect(seen.at(-1)).toBe(2);
    });
  });
}
