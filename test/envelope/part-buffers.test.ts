// Reuse of part buffers between objects, but never after an aborted upload.
import { describe, expect, it } from 'vitest';
import { objectKey } from '../../src/envelope/object.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import { SEALED_PART } from '../../src/envelope/sizes.ts';
import { AUDIO, DATA_KEY, inPieces, noiseOf } from './bench.ts';

const KEY = objectKey(DATA_KEY, AUDIO.name);
const CALL = noiseOf(9_000_000);

/** Seals a call of two parts, consumes `parts` of them, and returns the memory of the first. */
async function memoryOf(parts: number, letsGo = true): Promise<ArrayBufferLike> {
  let memory: ArrayBufferLike | undefined;
  let taken = 0;
  for await (const part of sealObject(inPieces(CALL, [65_536]), KEY, AUDIO, { releasesBuffer: letsGo })) {
    memory ??= part.sealed.buffer;
    if (++taken === parts) break;
  }
  if (memory === undefined) throw new Error('nothing was sealed');
  return memory;
}

describe('a part buffer', () => {
  it('is reused for the next object once all parts were consumed', async () => {
    const first = await memoryOf(Number.POSITIVE_INFINITY);
    expect(first.byteLength).toBe(SEALED_PART);
    expect(await memoryOf(Number.POSITIVE_INFINITY)).toBe(first);
  });

  it('is not reused while the store may still be sending it', async () => {
    const first = await memoryOf(Number.POSITIVE_INFINITY, false);
    expect(await memoryOf(Number.POSITIVE_INFINITY, false)).not.toBe(first);
    expect(await memoryOf(Number.POSITIVE_INFINITY)).not.toBe(first);
  });

  it.each([1, 2])('is not reused after an abort at part %d', async (parts) => {
    const seen = new Set([await memoryOf(parts)]);
    for (let i = 0; i < 4; i++) {
      const next = await memoryOf(parts);
      expect(seen.has(next)).toBe(false);
      seen.add(next);
    }
  });

  it('of a declared length has room for all of it, and is reused', async () => {
    const call = noiseOf(480_044);
    const seal = async (length: number | null): Promise<ArrayBufferLike> => {
      let memory: ArrayBufferLike = new ArrayBuffer(0);
      const options = { releasesBuffer: true, length };
      for await (const part of sealObject(inPieces(call, [65_536]), KEY, AUDIO, options)) memory = part.sealed.buffer;
      return memory;
    };
    const first = await seal(call.length);
    expect(first.byteLength).toBeLessThan(1_100_000);
    // An object that grows into it leaves the smaller one it began in, and a wrong length changes nothing.
    expect(await seal(null)).toBe(first);
    expect(await seal(1)).toBe(first);
    expect(await seal(call.length)).toBe(first);
  });

  it('is never used by two objects at once', async () => {
    await Promise.all([memoryOf(Number.POSITIVE_INFINITY), memoryOf(Number.POSITIVE_INFINITY)]);
    const letsGo = true;
    const objects = [0, 1, 2].map(() => sealObject(inPieces(CALL, [65_536]), KEY, AUDIO, { releasesBuffer: letsGo }));
    const parts = await Promise.all(objects.map((object) => object.next()));
    const memories = parts.map(({ value }) => value?.sealed.buffer);
    expect(new Set(memories).size).toBe(3);
    for (const object of objects) await object.return();
  });
});
