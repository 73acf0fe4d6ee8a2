// Ingest keys: one current key a tenant, rows that a re-wrap replaces only unchanged, and their bookkeeping.
import { describe, expect } from 'vitest';
import type { IngestKeyRow } from '../../src/model/ingest-key.ts';
import type { Database } from '../../src/ports/database.ts';
import { changeWithEvent, wait } from '../support/fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

/** The current key of a tenant. */
export const INGEST_KEY: IngestKeyRow = {
  tenant: 'ten_a',
  id: 'ink_b',
  created: '2026-11-29T09:00:00.000Z',
  state: 'CURRENT',
  public: Buffer.alloc(32, 1),
  scheme: 'kms',
  keyId: 'k',
  wrap: 1,
  wrapped: Buffer.from('wrapped'),
  blobWrap: 1,
  mac: Buffer.alloc(64, 2),
  note: null,
  lastFileAt: null,
};

const ROW = INGEST_KEY;

const insert = (db: Database, ...rows: IngestKeyRow[]): Promise<void> =>
  changeWithEvent(db, async (tx) => {
    for (const row of rows) await tx.ingestKeys.insert(row);
  });
const find = (db: Database, id: string) => db.read((rows) => rows.ingestKeys.find('ten_a', id), wait);

export function ingestKeys(databaseCase: DatabaseCase): void {
  describe('ingest keys', () => {
    const it = inGroup('ingest keys', databaseCase);

    it('are found by tenant and id, oldest first, and as the current one', async ({ db }) => {
      const old = { ...ROW, id: 'ink_a', state: 'OLD', note: 'a note\n', lastFileAt: ROW.created } as const;
      const others = { ...ROW, tenant: 'ten_b', keyId: 'other' };
      await insert(db, ROW, old, others);
      await db.read(async (rows) => {
        expect(await rows.ingestKeys.find('ten_a', 'ink_a')).toEqual(old);
        expect(await rows.ingestKeys.find('ten_b', 'ink_a')).toBeNull();
        expect(await rows.ingestKeys.all('ten_a')).toEqual([old, ROW]);
        expect(await rows.ingestKeys.current('ten_a')).toEqual(ROW);
        expect(await rows.ingestKeys.current('ten_c')).toBeNull();
        expect(await rows.ingestKeys.allCurrent()).toEqual([ROW, others]);
        expect(await rows.wrappedKeys.tenantNaming('other')).toBe('ten_b');
      }, wait);
    });

    it('have one current key, which gives way to the next and is not deleted', async ({ db }) => {
      await insert(db, ROW);
      const next = { ...ROW, id: 'ink_c' };
      await expect(insert(db, next)).rejects.toMatchObject({ code: 'conflict' });
      expect(await changeWithEvent(db, (tx) => tx.ingestKeys.delete('ten_a', 'ink_b'))).toBe(false);
      expect(await changeWithEvent(db, (tx) => tx.ingestKeys.supersede('ten_a', 'ink_c'))).toBe(false);
      expect(await changeWithEvent(db, (tx) => tx.ingestKeys.supersede('ten_a', 'ink_b'))).toBe(true);
      expect(await changeWithEvent(db, (tx) => tx.ingestKeys.supersede('ten_a', 'ink_b'))).toBe(false);
      await insert(db, next);
      expect(await changeWithEvent(db, (tx) => tx.ingestKeys.delete('ten_a', 'ink_b'))).toBe(true);
      expect(await find(db, 'ink_b')).toBeNull();
    });

    it('are re-wrapped only if they are unchanged since they were read', async ({ db }) => {
      await insert(db, ROW);
      const to = { scheme: 'keyring', keyId: 'new', wrap: 2, wrapped: Buffer.from('again') } as const;
      const rewrap = (from: IngestKeyRow) => changeWithEvent(db, (tx) => tx.ingestKeys.rewrap(from, { ...ROW, ...to }));
      expect(await rewrap({ ...ROW, wrap: 2 })).toBe(false);
      expect(await rewrap({ ...ROW, keyId: 'other' })).toBe(false);
      expect(await rewrap(ROW)).toBe(true);
      expect(await rewrap(ROW)).toBe(false);
      expect(await find(db, 'ink_b')).toEqual({ ...ROW, ...to, blobWrap: 1 });
      // Also of the same generation: its blob has another wrapped seed.
      const again = { ...ROW, ...to, keyId: 'third' };
      await db.note((notes) => notes.ingestKeys.blobWritten('ten_a', 'ink_b', 2), wait);
      const written = { ...ROW, ...to, blobWrap: 2 };
      expect(await changeWithEvent(db, (tx) => tx.ingestKeys.rewrap(written, again))).toBe(true);
      expect(await find(db, 'ink_b')).toEqual({ ...again, blobWrap: 1 });
    });

    it('keep when the last file arrived, the generation in the blob, and the note', async ({ db }) => {
      await insert(db, ROW);
      const [early, late] = ['2026-11-29T10:00:00.000Z', '2026-11-29T11:00:00.000Z'];
      await db.note((notes) => notes.ingestKeys.fileArrived('ten_a', 'ink_b', late), wait);
      await changeWithEvent(db, (tx) => tx.ingestKeys.fileArrived('ten_a', 'ink_b', early));
      await db.note((notes) => notes.ingestKeys.signed('ten_a', 'ink_b', 'a note\n'), wait);
      expect(await find(db, 'ink_b')).toEqual({ ...ROW, lastFileAt: late, note: 'a note\n' });
      await changeWithEvent(db, (tx) => tx.ingestKeys.rewrap(ROW, { ...ROW, wrap: 2 }));
      await db.note((notes) => notes.ingestKeys.blobWritten('ten_a', 'ink_b', 1), wait);
      await db.note((notes) => notes.ingestKeys.blobWritten('ten_a', 'ink_b', 3), wait);
      expect(await find(db, 'ink_b')).toMatchObject({ wrap: 2, blobWrap: 1 });
      await db.note((notes) => notes.ingestKeys.blobWritten('ten_a', 'ink_b', 2), wait);
      expect(await find(db, 'ink_b')).toMatchObject({ wrap: 2, blobWrap: 2 });
    });
  });
}
