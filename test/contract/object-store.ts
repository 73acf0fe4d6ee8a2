// The contract of an object store, as a suite over a factory.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import type { StoreLocation } from '../../src/model/tenant.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { type Adapter, contract } from '../support/contract.ts';
import { replaceCases } from './object-store-replace.ts';
import { uploadCases } from './object-store-uploads.ts';
import { gather, inTurns, paths, type TestedStore, wait } from './tested-store.ts';

const BAD_NAMES = [
  ...['../up', 'a/../../up', '/etc/passwd', 'a\0b', '', 'a//b', 'a/', '.staging/x', 'a/.hidden', '..', 'a\\..\\b'],
];

/** The suite. */
export function objectStoreContract(adapter: Omit<Adapter, 'port'>, open: () => Promise<TestedStore>): void {
  contract({ port: 'an object store', ...adapter }, (it) => {
    let tested: TestedStore;
    let store: ObjectStore;
    let place: StoreLocation;

    beforeAll(async () => {
      tested = await open();
      ({ store, place } = tested);
    });
    afterAll(() => tested.close());

    const put = (path: string, bytes: Buffer, op: string) => store.put(place, path, bytes, op, wait);
    const get = async (path: string, most = 1_000) => (await store.get(place, path, most, wait))?.bytes ?? null;
    const uploads = () => paths(store.listUploads(place, wait));

    it('stores a blob and reports its size', async () => {
      const bytes = randomBytes(300);
      await put('a/one', bytes, 'op1');
      expect(await get('a/one')).toEqual(bytes);
      expect(await store.head(place, 'a/one', wait)).toMatchObject({ size: 300 });
    });

    it('names the first blobs of a folder, in order', async () => {
      for (const name of ['0900', '0005', '0050', '1000']) await put(`first/${name}`, Buffer.from(name), `op-${name}`);
      await put('first-not/0001', Buffer.from('x'), 'op1');
      expect(await store.first(place, 'first/', 2, wait)).toEqual(['first/0005', 'first/0050']);
      expect(await store.first(place, 'first/', 9, wait)).toHaveLength(4);
      expect(await store.first(place, 'first/none/', 9, wait)).toEqual([]);
      await expect(store.first(place, 'first', 1, wait)).rejects.toMatchObject({ code: 'malformed' });
    });

    it('creates only: another operation gets blob_exists and changes nothing', async () => {
      const bytes = randomBytes(100);
      await put('a/only', bytes, 'op1');
      await expect(put('a/only', randomBytes(100), 'op2')).rejects.toMatchObject({ code: 'blob_exists' });
      expect(await get('a/only')).toEqual(bytes);
    });

    it('treats the same operation again as done', async () => {
      const bytes = randomBytes(100);
      await put('a/again', bytes, 'op1');
      await put('a/again', bytes, 'op1');
      expect(await get('a/again')).toEqual(bytes);
    });

    it('lets exactly one of many concurrent puts to a name win', async () => {
      const bodies = Array.from({ length: 16 }, () => randomBytes(5_000));
      const outcomes = await Promise.allSettled(bodies.map((bytes, n) => put('race', bytes, `op${n}`)));
      const won = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
      expect(won).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'blob_exists' });
      }
      expect(await get('race', 5_000)).toEqual(bodies[won[0] ?? -1]);
    });

    it('gets blobs up to the size limit, and null for a missing one', async () => {
      await put('a/most', randomBytes(64), 'op1');
      expect(await get('a/most', 64)).toHaveLength(64);
      await expect(get('a/most', 63)).rejects.toMatchObject({ code: 'malformed' });
      expect(await get('a/nothing')).toBeNull();
      expect(await store.head(place, 'a/nothing', wait)).toBeNull();
    });

    it('stores an empty blob', async () => {
      await put('a/empty', Buffer.alloc(0), 'op1');
      expect(await get('a/empty')).toEqual(Buffer.alloc(0));
      expect(await store.head(place, 'a/empty', wait)).toMatchObject({ size: 0 });
      expect(await gather(store.read(place, 'a/empty', 0, 10, wait))).toHaveLength(0);
    });

    it('reads ranges, and ends early at the end of the blob', async () => {
      const bytes = randomBytes(1_000_000);
      await put('ranges', bytes, 'op1');
      for (const [start, end] of [
        [0, 1_000_000],
        [0, 1],
        [999_999, 1_000_000],
        [262_143, 262_145],
        [5, 5],
        [999_990, 2_000_000],
      ] as const) {
        const range = await gather(store.read(place, 'ranges', start, end, wait));
        expect(range.equals(bytes.subarray(start, end))).toBe(true);
      }
      expect(await gather(store.read(place, 'ranges', 1_000_000, 1_000_100, wait))).toHaveLength(0);
    });

    it('throws blob_missing for reading a missing blob', async () => {
      const reading = gather(store.read(place, 'a/nothing', 0, 10, wait));
      await expect(reading).rejects.toMatchObject({ code: 'blob_missing' });
    });

    it('stops reading when the signal fires', async () => {
      await put('stopped', randomBytes(1_000_000), 'op1');
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(gather(store.read(place, 'stopped', 0, 1_000_000, { signal }))).rejects.toThrow();
    });

    it('lists all blobs of a prefix and no others', async () => {
      for (const path of ['l/x/1', 'l/x/2', 'l/xy', 'l/y/1']) await put(path, randomBytes(4), 'op1');
      expect(await paths(store.list(place, 'l/', wait))).toEqual(['l/x/1', 'l/x/2', 'l/xy', 'l/y/1']);
      expect(await paths(store.list(place, 'l/x', wait))).toEqual(['l/x/1', 'l/x/2', 'l/xy']);
      expect(await paths(store.list(place, 'l/x/', wait))).toEqual(['l/x/1', 'l/x/2']);
      expect(await paths(store.list(place, 'l/x/2', wait))).toEqual(['l/x/2']);
      expect(await paths(store.list(place, 'nothing/', wait))).toEqual([]);
      expect(await paths(store.list(tested.other, '', wait))).toEqual([]);
    });

    it('lists only what comes after a name', async () => {
      const names = ['o/2026112422/x', 'o/2026112423/x-1', 'o/2026112423/x-2', 'o/2026112500/x', 'o/20270101'];
      for (const path of names) await put(path, randomBytes(4), 'op1');
      const after = (name: string) => paths(store.list(place, 'o/', { ...wait, after: name }));
      expect(await after('o/2026112423/')).toEqual(names.slice(1));
      expect(await after('o/2026112423/x-1')).toEqual(names.slice(2));
      expect(await after('o/2026112423/y')).toEqual(names.slice(3));
      expect(await after('o/20261125')).toEqual(names.slice(3));
      expect(await after('n/z')).toEqual(names);
      expect(await after('o/3')).toEqual([]);
      expect(await after('p')).toEqual([]);
      await expect(after('o/../o/1')).rejects.toMatchObject({ code: 'malformed' });
    });

    it('lists the size of each blob', async () => {
      await put('sized/none', Buffer.alloc(0), 'op1');
      await put('sized/some', randomBytes(70_000), 'op1');
      const found: unknown[] = [];
      for await (const blob of store.list(place, 'sized/', wait)) found.push(blob);
      const sizes = [
        { path: 'sized/none', size: 0 },
        { path: 'sized/some', size: 70_000 },
      ];
      expect(found).toEqual(expect.arrayContaining(sizes));
      expect(found).toHaveLength(2);
    });

    for (const prefix of ['../', '/', 'a/../', '.staging/', 'a//']) {
      it(`rejects the prefix ${JSON.stringify(prefix)}`, async () => {
        await expect(paths(store.list(place, prefix, wait))).rejects.toMatchObject({ code: 'malformed' });
      });
    }

    it('lists more blobs than fit in one page', async () => {
      const names = Array.from({ length: 1_010 }, (_, n) => `many/${String(n).padStart(4, '0')}`);
      await inTurns(names, (path) => put(path, Buffer.of(1), 'op1'));
      expect(await paths(store.list(place, 'many/', wait))).toEqual(names);
      expect(await paths(store.list(place, 'many/', { ...wait, after: 'many/0003' }))).toEqual(names.slice(4));
    });

    it('deletes a blob, and accepts a missing one', async () => {
      await put('d/gone', randomBytes(4), 'op1');
      await store.delete(place, 'd/gone', wait);
      await store.delete(place, 'd/gone', wait);
      await store.delete(place, 'never/was', wait);
      expect(await get('d/gone')).toBeNull();
    });

    it('deletes no other blob with the same beginning of its name', async () => {
      const others = ['d/xy', 'd/x-1', 'd/x.json'];
      for (const path of ['d/x', ...others]) await put(path, randomBytes(4), 'op1');
      await store.delete(place, 'd/x', wait);
      expect(await paths(store.list(place, 'd/x', wait))).toEqual([...others].sort());
      for (const path of others) expect(await get(path)).toHaveLength(4);
    });

    it('deletes all blobs of a prefix and no others', async () => {
      for (const path of ['u/a/x-1', 'u/a/x-2', 'u/a/xy', 'u/b/x-1', 'u/a/x']) await put(path, randomBytes(4), 'op1');
      await store.deleteUnder(place, 'u/a/x-', wait);
      await store.deleteUnder(place, 'u/a/x-', wait);
      await store.deleteUnder(place, 'u/none/', wait);
      expect(await paths(store.list(place, 'u/', wait))).toEqual(['u/a/x', 'u/a/xy', 'u/b/x-1']);
      await expect(store.deleteUnder(place, '../', wait)).rejects.toMatchObject({ code: 'malformed' });
    });

    it('accepts another blob under a deleted name', async () => {
      await put('d/new', randomBytes(4), 'op1');
      await store.delete(place, 'd/new', wait);
      const bytes = randomBytes(5);
      await put('d/new', bytes, 'op2');
      expect(await get('d/new')).toEqual(bytes);
    });

    uploadCases(it, () => tested);
    replaceCases(it, () => tested);

    it('keeps locations apart', async () => {
      await put('apart', randomBytes(8), 'op1');
      expect(await store.head(tested.other, 'apart', wait)).toBeNull();
    });

    for (const path of BAD_NAMES) {
      it(`rejects the name ${JSON.stringify(path)}`, async () => {
        const malformed = { code: 'malformed' };
        const before = await uploads();
        await expect(put(path, randomBytes(4), 'op1')).rejects.toMatchObject(malformed);
        await expect(get(path)).rejects.toMatchObject(malformed);
        await expect(store.head(place, path, wait)).rejects.toMatchObject(malformed);
        const replacing = store.replace(place, path, randomBytes(4), 'tag', 'op1', wait);
        await expect(replacing).rejects.toMatchObject(malformed);
        await expect(store.delete(place, path, wait)).rejects.toMatchObject(malformed);
        await expect(gather(store.read(place, path, 0, 1, wait))).rejects.toMatchObject(malformed);
        await expect(store.beginUpload(place, path, 'op1', wait)).rejects.toMatchObject(malformed);
        expect(await uploads()).toEqual(before);
      });
    }
  });
}
