// Replacement of an unchanged blob, in the contract of an object store.
import { randomBytes } from 'node:crypto';
import { beforeAll, expect } from 'vitest';
import type { StoreLocation } from '../../src/model/tenant.ts';
import type { ObjectStore, TaggedBlob } from '../../src/ports/object-store.ts';
import type { ContractCase } from '../support/contract.ts';
import { paths, type TestedStore, wait } from './tested-store.ts';

/** The cases, over a store that exists once the suite has begun. */
export function replaceCases(it: ContractCase, tested: () => TestedStore): void {
  let store: ObjectStore;
  let place: StoreLocation;

  beforeAll(() => {
    ({ store, place } = tested());
  });

  const get = (path: string) => store.get(place, path, 20_000, wait);
  const replace = (path: string, bytes: Buffer, tag: string, op: string) =>
    store.replace(place, path, bytes, tag, op, wait);
  /** Creates a blob and reads it. */
  const made = async (path: string, bytes = randomBytes(100)): Promise<TaggedBlob> => {
    await store.put(place, path, bytes, 'op1', wait);
    const blob = await get(path);
    if (blob === null) throw new Error('it was just made');
    return blob;
  };

  it('returns the same tag for the same blob, and another for another blob', async () => {
    const first = await made('tag/a');
    expect(await get('tag/a')).toEqual(first);
    expect((await made('tag/b')).tag).not.toBe(first.tag);
    expect((await made('tag/none', Buffer.alloc(0))).tag).not.toBe('');
  });

  it('replaces a blob that is unchanged since it was read, again and again', async () => {
    let before = await made('replace/a');
    for (const op of ['rop1', 'rop2', 'rop3']) {
      const bytes = randomBytes(120);
      expect(await replace('replace/a', bytes, before.tag, op)).toBe(true);
      const after = await get('replace/a');
      expect(after?.bytes).toEqual(bytes);
      expect(after?.tag).not.toBe(before.tag);
      before = after ?? before;
    }
    expect(await paths(store.list(place, 'replace/', wait))).toEqual(['replace/a']);
  });

  it('does not replace a blob that was replaced meanwhile', async () => {
    const { tag } = await made('replace/b');
    const bytes = randomBytes(110);
    expect(await replace('replace/b', bytes, tag, 'rop1')).toBe(true);
    expect(await replace('replace/b', randomBytes(130), tag, 'rop2')).toBe(false);
    expect((await get('replace/b'))?.bytes).toEqual(bytes);
  });

  it('does not replace or restore a deleted blob', async () => {
    const { tag } = await made('replace/c');
    await store.delete(place, 'replace/c', wait);
    expect(await replace('replace/c', randomBytes(100), tag, 'rop1')).toBe(false);
    expect(await get('replace/c')).toBeNull();
    expect(await paths(store.list(place, 'replace/c', wait))).toEqual([]);
  });

  it('treats the same replacement again as done', async () => {
    const { tag } = await made('replace/d');
    const bytes = randomBytes(100);
    expect(await replace('replace/d', bytes, tag, 'rop1')).toBe(true);
    expect(await replace('replace/d', bytes, tag, 'rop1')).toBe(true);
    expect((await get('replace/d'))?.bytes).toEqual(bytes);
  });

  it('lets exactly one of many concurrent replacements win', async () => {
    const { tag } = await made('replace/race');
    const bodies = Array.from({ length: 12 }, () => randomBytes(5_000));
    // A store may answer that the outcome is unknown: repeat the same operation then.
    const settle = async (bytes: Buffer, op: string): Promise<boolean> => {
      for (let tries = 0; tries < 20; tries += 1) {
        try {
          return await replace('replace/race', bytes, tag, op);
        } catch (error) {
          expect(error).toMatchObject({ code: 'store_unavailable' });
        }
      }
      throw new Error('it is never known');
    };
    const outcomes = await Promise.all(bodies.map((bytes, n) => settle(bytes, `rop${n}`)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect((await get('replace/race'))?.bytes).toEqual(bodies[outcomes.indexOf(true)]);
  });

  it('deletes a replaced blob, and accepts a new blob under its name', async () => {
    const { tag } = await made('replace/e');
    await replace('replace/e', randomBytes(100), tag, 'rop1');
    await store.delete(place, 'replace/e', wait);
    expect(await get('replace/e')).toBeNull();
    const { bytes } = await made('replace/e');
    expect((await get('replace/e'))?.bytes).toEqual(bytes);
  });
}
