// Bodies of an object store that break off, stall or are replaced: the adapter returns one blob's exact bytes.
import { randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { gather, wait } from '../contract/tested-store.ts';
import { doublePlace } from '../support/double/adapters.ts';
import { BYTES, setUpStoreSuite } from '../support/double/store-suite.ts';

const { on, put, whole, asked, fault } = setUpStoreSuite();

describe('a body', () => {
  /** The requested ranges, each with whether it was bound to the first blob's ETag. */
  const ranges = async () =>
    (await on.double.calls('GetObject')).map(({ range, ifMatch }) => [range, ifMatch !== null]);

  it('that breaks off is resumed from there, bound to the first blob', async () => {
    await put('x');
    await fault('GetObject', { kind: 'truncate', bytes: 300_000 }, 2);
    expect((await whole('x')).equals(BYTES)).toBe(true);
    expect(await ranges()).toEqual([
      ['bytes=0-999999', false],
      ['bytes=300000-999999', true],
      ['bytes=600000-999999', true],
    ]);
  });

  it('that breaks off is resumed through throttling and lost connections', async () => {
    await put('x');
    await fault('GetObject', { kind: 'truncate', bytes: 100_000 }, 2);
    await fault('GetObject', { kind: 'throttle' }, 2);
    await fault('GetObject', { kind: 'truncate', bytes: 500_000 });
    await fault('GetObject', { kind: 'hang-up', when: 'before' }, 2);
    expect((await whole('x')).equals(BYTES)).toBe(true);
  });

  it.each(['unversioned', 'versioned'] as const)(
    'of a blob replaced meanwhile, %s, never continues with the other blob',
    async (how) => {
      on.place = await doublePlace(on.double, how);
      await put('x');
      await fault('GetObject', { kind: 'truncate', bytes: 300_000 });
      const got: Uint8Array[] = [];
      const reading = async () => {
        for await (const piece of on.store.read(on.place, 'x', 0, BYTES.length, wait)) {
          if (got.length === 0) {
            const other = randomBytes(BYTES.length);
            await on.raw.send(new PutObjectCommand({ Bucket: on.place.bucket, Key: 'x', Body: other }));
          }
          got.push(piece);
        }
      };
      // Where the store has versions, the first blob still exists.
      if (how === 'versioned') await reading();
      else await expect(reading()).rejects.toMatchObject({ code: 'blob_missing' });
      const length = how === 'versioned' ? BYTES.length : 300_000;
      expect(Buffer.concat(got).equals(BYTES.subarray(0, length))).toBe(true);
    },
  );

  it('that stalls is aborted in time and resumed', async () => {
    await put('x');
    await fault('GetObject', { kind: 'stall', bytes: 400_000 });
    const start = performance.now();
    expect((await whole('x', on.hasty)).equals(BYTES)).toBe(true);
    expect(performance.now() - start).toBeLessThan(50_000);
    expect((await ranges()).at(-1)?.[1]).toBe(true);
  });

  it('that never makes progress fails as unavailable', async () => {
    await put('x');
    await fault('GetObject', { kind: 'truncate', bytes: 0 }, null);
    await expect(whole('x')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await asked('GetObject')).toBeLessThan(10);
  });

  it('that is slow arrives complete', async () => {
    await put('x', BYTES.subarray(0, 50_000));
    await fault('GetObject', { kind: 'slow', bytesPerSecond: 50_000 });
    const read = await gather(on.hasty.read(on.place, 'x', 0, 50_000, wait));
    expect(read.equals(BYTES.subarray(0, 50_000))).toBe(true);
  });
});
