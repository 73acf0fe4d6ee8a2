// Measured ports: the contracts hold for them, bytes and errors pass unchanged, and calls are counted.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { VaultError } from '../../src/errors.ts';
import { measured } from '../../src/measure/calls.ts';
import { createMeasures } from '../../src/measure/measures.ts';
import { keyServiceContract } from '../contract/key-service.ts';
import { objectStoreContract } from '../contract/object-store.ts';
import { insertRows, session, someEvent, wait } from '../support/fixture-rows.ts';
import { KEYRING_CANNOT, keyringUnderTest } from '../support/keyring-under-test.ts';
import { sqliteDatabase } from '../support/sqlite-database.ts';

const codeOf = (error: unknown): string => (error instanceof VaultError ? error.code : 'other');
const newFolder = () => mkdtemp(join(tmpdir(), 'callvault-measure-'));

objectStoreContract({ name: 'the folder store, measured', server: null }, async () => {
  const root = await newFolder();
  const place = { region: '', bucket: '', prefix: 'tenant-a' };
  return {
    store: createMeasures(codeOf).store(folderStore(root)),
    place,
    other: { ...place, prefix: 'tenant-b' },
    close: () => rm(root, { recursive: true }),
  };
});

keyServiceContract({ name: 'the keyring, measured', server: null, cannot: KEYRING_CANNOT }, async () => {
  const tested = await keyringUnderTest(await newFolder());
  return { ...tested, keys: createMeasures(codeOf).keys(tested.keys) };
});

describe('a measured method', () => {
  const ends: unknown[] = [];
  const of = <P extends object>(port: P): P => {
    ends.length = 0;
    return measured(port, (method) => (error) => ends.push([method, error]));
  };

  it('returns the same value and throws or rejects with the same error', async () => {
    const value = { a: 1 };
    const error = new VaultError('key_refused', 'x');
    const port = of({
      types: ['audio/wav'] as readonly string[],
      good: async () => value,
      bad: async () => Promise.reject(error),
      worse: () => {
        throw error;
      },
      plain: (n: number) => n + 1,
    });
    expect(port.types).toEqual(['audio/wav']);
    expect(await port.good()).toBe(value);
    await expect(port.bad()).rejects.toBe(error);
    expect(() => port.worse()).toThrow(error);
    expect(port.plain(1)).toBe(2);
    expect(ends).toEqual([
      ['good', null],
      ['bad', error],
      ['worse', error],
      ['plain', null],
    ]);
  });

  it('streams the same pieces, one at a time, and cancels the stream when its reader stops', async () => {
    const pieces = [1, 2, 3].map((n) => Buffer.alloc(4, n));
    let asked = 0;
    let closed = 0;
    const port = of({
      read: async function* () {
        try {
          for (const piece of pieces) {
            asked++;
            yield piece;
          }
        } finally {
          closed++;
        }
      },
    });
    for await (const piece of port.read()) {
      expect(piece).toBe(pieces[asked - 1]);
      if (asked === 2) break;
    }
    expect({ asked, closed }).toEqual({ asked: 2, closed: 1 });
    expect(ends).toEqual([['read', null]]);
  });

  it('returns the promises of later steps unchanged', async () => {
    const steps = [1, 2].map((value) => Promise.resolve({ done: false, value }));
    const port = of({
      list: (): AsyncIterable<number> => ({ [Symbol.asyncIterator]: () => ({ next: () => steps.shift() as never }) }),
    });
    const iterator = port.list()[Symbol.asyncIterator]();
    await iterator.next();
    const [second] = steps;
    expect(iterator.next()).toBe(second);
  });

  it('fails when the stream fails, at its beginning and later', async () => {
    for (const after of [0, 1]) {
      const error = new VaultError('store_unavailable', 'x');
      const port = of({
        read: async function* () {
          for (let n = 0; n < after; n++) yield n;
          throw error;
        },
      });
      const seen: number[] = [];
      const reading = (async () => {
        for await (const n of port.read()) seen.push(n);
      })();
      await expect(reading).rejects.toBe(error);
      expect(seen).toHaveLength(after);
      expect(ends).toEqual([['read', after === 0 ? error : null]]);
    }
  });
});

describe('a measured database', () => {
  it('counts committed events, and bytes served to live sessions', async () => {
    const tested = await sqliteDatabase();
    const opened = await tested.open();
    const measures = createMeasures(codeOf);
    const db = measures.database(opened);
    await insertRows(opened);
    await db.change(async () => ({ result: 1, events: [someEvent(), someEvent()] }), wait);
    const refused = new VaultError('conflict', 'x');
    await expect(db.change(() => Promise.reject(refused), wait)).rejects.toBe(refused);
    await db.note((notes) => notes.sessions.count(session, { bytes: 4096, servedRange: null }), wait);
    await db.note(
      (notes) => notes.sessions.count({ ...session, id: 'ses_none' }, { bytes: 9999, servedRange: null }),
      wait,
    );
    const text = await measures.registry.metrics();
    expect(text).toContain('callvault_audit_events_total{action="recording.read",outcome="ok"} 2');
    expect(text).toContain('callvault_playback_bytes_total 4096');
    expect(text).toContain('callvault_database_requests_total{op="change",result="ok"} 1');
    expect(text).toContain('callvault_database_requests_total{op="change",result="conflict"} 1');
    await opened.close();
    await tested.remove();
  });
});
