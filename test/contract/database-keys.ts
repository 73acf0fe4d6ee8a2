// Wrapped keys and tenant KEKs: the counts of a census, and a re-wrap that replaces only keys that are unchanged.
import { describe, expect } from 'vitest';
import type { Database, Transaction } from '../../src/ports/database.ts';
import type { RewrappedKey } from '../../src/ports/rows/wrapped-key-rows.ts';
import { countWrappedKeys } from '../../src/vault/core/wrapped-keys/census-lines.ts';
import { changeWithEvent, deposit, gate, wait } from '../support/fixture-rows.ts';
import { tenant, wrappedKeyRow } from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

type Row = [id: string, wrap: number, envelopeWrap: number | null, state?: typeof deposit.state, keyId?: string];

const ROWS: readonly Row[] = [
  ['dep_a', 1, 1],
  ['dep_b', 1, 1, 'COMMITTING'],
  ['dep_c', 2, 1],
  ['dep_d', 2, 2],
  ['dep_e', 1, null, 'UPLOADING'],
  ['dep_f', 1, 1, 'AVAILABLE', 'other'],
];

function insert(db: Database): Promise<void> {
  return changeWithEvent(db, async (tx) => {
    for (const [id, wrap, envelopeWrap, state = 'AVAILABLE', keyId = 'k'] of ROWS) {
      await tx.deposits.insert({ ...deposit, id, state, recording: `rec_${id}`, object: id });
      await tx.wrappedKeys.insert({ ...wrappedKeyRow, deposit: id, wrap, envelopeWrap, keyId });
    }
    // Another tenant's keys must not be among them.
    await tx.deposits.insert({ ...deposit, tenant: 'ten_b', id: 'dep_z', state: 'AVAILABLE' });
    await tx.wrappedKeys.insert({ ...wrappedKeyRow, tenant: 'ten_b', deposit: 'dep_z' });
  });
}

function turned(id: string, wrap = 1, keyId = 'k'): RewrappedKey {
  const to = { scheme: 'keyring', keyId: 'new', wrap: 3, wrapped: Buffer.from(id) } as const;
  return { from: { deposit: id, wrap, keyId }, to };
}

const rewrap = (tx: Transaction, ...keys: RewrappedKey[]) => tx.wrappedKeys.rewrap('ten_a', keys);

export function keys(databaseCase: DatabaseCase): void {
  describe('wrapped keys', () => {
    const it = inGroup('wrapped keys', databaseCase);

    it('below a generation are found in order, for available deposits', async ({ db }) => {
      await insert(db);
      await db.read(async ({ wrappedKeys }) => {
        const ids = async (...of: [wrap: number, after: string, limit: number]) =>
          (await wrappedKeys.below('ten_a', ...of)).map((row) => row.deposit);
        expect(await ids(3, '', 9)).toEqual(['dep_a', 'dep_c', 'dep_d', 'dep_f']);
        expect(await ids(2, '', 9)).toEqual(['dep_a', 'dep_f']);
        expect(await ids(3, 'dep_a', 2)).toEqual(['dep_c', 'dep_d']);
        expect(await wrappedKeys.below('ten_a', 2, '', 1)).toEqual([
          { ...wrappedKeyRow, envelopeWrap: 1, recording: 'rec_dep_a' },
        ]);
        const behind = await wrappedKeys.envelopesBehind('ten_a', '', 9);
        expect(behind.map((row) => row.deposit)).toEqual(['dep_c']);
        expect(await wrappedKeys.envelopesBehind('ten_a', 'dep_c', 9)).toEqual([]);
        expect(await wrappedKeys.bounds('ten_a')).toEqual({ first: 'dep_a', last: 'dep_f' });
        expect(await wrappedKeys.bounds('ten_c')).toBeNull();
        const anyBelow = async (...of: [tenant: string, wrap: number]) => wrappedKeys.isAnyBelow(...of);
        expect([await anyBelow('ten_a', 1), await anyBelow('ten_a', 2), await anyBelow('ten_c', 9)]).toEqual([
          false,
          true,
          false,
        ]);
        expect(await wrappedKeys.stillAvailable('ten_a', ['dep_f', 'dep_b', 'dep_a', 'dep_z'])).toEqual([
          'dep_a',
          'dep_f',
        ]);
      }, wait);
    });

    it('are counted by key, generation and state', async ({ db }) => {
      await insert(db);
      const line = (wrap: number, state: string, count: number, envelopesBehind = 0, keyId = 'k') => ({
        scheme: 'kms',
        keyId,
        wrap,
        state,
        keys: count,
        envelopesBehind,
      });
      expect(await countWrappedKeys({ db }, 'ten_a', wait)).toEqual([
        line(1, 'AVAILABLE', 1),
        line(1, 'COMMITTING', 1),
        line(1, 'UPLOADING', 1),
        line(1, 'AVAILABLE', 1, 0, 'other'),
        line(2, 'AVAILABLE', 2, 1),
      ]);
    });

    it('are replaced only if they are unchanged since they were read, for available deposits', async ({ db }) => {
      await insert(db);
      const done = await changeWithEvent(db, (tx) =>
        rewrap(tx, turned('dep_f'), turned('dep_d', 1), turned('dep_c', 2), turned('dep_b'), turned('dep_a')),
      );
      expect(done).toEqual(['dep_a', 'dep_c']);
      expect(await changeWithEvent(db, (tx) => rewrap(tx, turned('dep_a')))).toEqual([]);
      await db.read(async ({ wrappedKeys }) => {
        const to = { scheme: 'keyring', keyId: 'new', wrap: 3, wrapped: Buffer.from('dep_a'), envelopeWrap: 1 };
        expect(await wrappedKeys.find('ten_a', 'dep_a')).toEqual({ ...wrappedKeyRow, ...to });
        expect(await wrappedKeys.find('ten_a', 'dep_b')).toMatchObject({ wrap: 1 });
        expect((await wrappedKeys.envelopesBehind('ten_a', '', 9)).map((row) => row.deposit)).toEqual([
          'dep_a',
          'dep_c',
        ]);
      }, wait);
      await db.note((notes) => notes.wrappedKeys.envelopesWritten('ten_a', ['dep_a', 'dep_c', 'dep_d'], 3), wait);
      await db.read(async ({ wrappedKeys }) => {
        expect(await wrappedKeys.envelopesBehind('ten_a', '', 9)).toEqual([]);
        expect(await wrappedKeys.find('ten_a', 'dep_d')).toMatchObject({ wrap: 2, envelopeWrap: 2 });
      }, wait);
      await db.note((notes) => notes.wrappedKeys.envelopeFound('ten_a', 'dep_d', 1), wait);
      await db.note((notes) => notes.wrappedKeys.envelopeFound('ten_a', 'dep_a', 9), wait);
      await db.read(async ({ wrappedKeys }) => {
        expect((await wrappedKeys.envelopesBehind('ten_a', '', 9)).map((row) => row.deposit)).toEqual(['dep_d']);
      }, wait);
    });

    it('that are deleted meanwhile are not restored', async ({ db, another }) => {
      await insert(db);
      const other = await another();
      const reached = gate();
      const erasing = changeWithEvent(db, async (tx) => {
        const row = await tx.deposits.lock('ten_a', 'dep_a');
        if (row === null) throw new Error('not there');
        await tx.deposits.change(row, { state: 'ABORTING' });
        await tx.wrappedKeys.delete('ten_a', 'dep_a');
        reached.open();
        await new Promise((resolve) => setTimeout(resolve, 200));
      });
      await reached.passed;
      expect(await changeWithEvent(other, (tx) => rewrap(tx, turned('dep_a'), turned('dep_c', 2)))).toEqual(['dep_c']);
      await erasing;
      expect(await db.read((read) => read.wrappedKeys.find('ten_a', 'dep_a'), wait)).toBeNull();
    });

    it('are re-wrapped by one of two concurrent runners', async ({ db, another }) => {
      await insert(db);
      const other = await another();
      const both = await Promise.all(
        [db, other].map((handle) => changeWithEvent(handle, (tx) => rewrap(tx, turned('dep_c', 2), turned('dep_a')))),
      );
      expect(both.flat().sort()).toEqual(['dep_a', 'dep_c']);
    });

    it('are found by the name of their key, with all other rows that name it', async ({ db }) => {
      await insert(db);
      const kek = {
        tenant: 'ten_a',
        id: 'tenant-kek/1',
        created: 'now',
        wrap: 2,
        scheme: 'kms',
        keyId: 'of-kek',
      } as const;
      const key = { scheme: 'kms', id: 'of-tenant' } as const;
      const metadataKey = { scheme: 'kms', id: 'of-metadata', wrap: 1, wrapped: Buffer.from('metadata') } as const;
      await changeWithEvent(db, async (tx) => {
        await tx.tenants.insert({ ...tenant, key, metadataKey });
        await tx.wrappedKeys.insertTenantKek({ ...kek, wrapped: Buffer.from('kek') });
      });
      const named = (id: string) => db.read((read) => read.wrappedKeys.tenantNaming(id), wait);
      for (const id of ['k', 'other', 'of-tenant', 'of-metadata', 'of-kek']) expect(await named(id)).toBe('ten_a');
      expect(await named('nobody')).toBeNull();
      const stored = await db.read((read) => read.wrappedKeys.tenantKeks('ten_a'), wait);
      expect(stored).toEqual([{ ...kek, wrapped: Buffer.from('kek') }]);
      await expect(
        changeWithEvent(db, (tx) =>
          tx.wrappedKeys.insertTenantKek({ ...kek, id: 'tenant-kek/2', wrapped: Buffer.from('kek') }),
        ),
      ).rejects.toMatchObject({ code: 'conflict' });
      await changeWithEvent(db, (tx) => tx.wrappedKeys.deleteTenantKek('ten_a', 'tenant-kek/1'));
      expect(await named('of-kek')).toBeNull();
    });
  });
}
