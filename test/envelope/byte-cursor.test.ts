// The byte cursor: returns the stream's bytes for any split into pieces, and detects its end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteCursor } from '../../src/envelope/byte-cursor.ts';
import { inPieces, noiseOf } from './bench.ts';

describe('a cursor', () => {
  const small = fc.array(fc.nat({ max: 7 }), { maxLength: 8 });

  it('returns the requested or remaining bytes for any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 60 }), small, small, async (length, pieces, steps) => {
        const bytes = noiseOf(length);
        const cursor = byteCursor(inPieces(bytes, pieces));
        let at = 0;
        for (const step of steps) {
          const taken = await cursor.take(step);
          expect(Buffer.from(taken).equals(bytes.subarray(at, at + step))).toBe(true);
          at = Math.min(at + step, length);
          if (taken.length < step) expect(at).toBe(length);
        }
        expect(await cursor.atEnd()).toBe(at === length);
        // Checking for the end consumes nothing.
        expect(Buffer.from(await cursor.take(length)).equals(bytes.subarray(at))).toBe(true);
        expect(await cursor.atEnd()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('returns no stale bytes when the stream ends within a step', async () => {
    const cursor = byteCursor(inPieces(noiseOf(13), [3]));
    expect(await cursor.take(10)).toHaveLength(10);
    expect(Buffer.from(await cursor.take(10)).equals(noiseOf(13).subarray(10))).toBe(true);
    expect(await cursor.take(10)).toHaveLength(0);
  });

  it('does not copy a step within one piece', async () => {
    const bytes = noiseOf(100);
    const taken = await byteCursor(inPieces(bytes)).take(40);
    expect(taken.buffer).toBe(bytes.buffer);
  });

  it('cancels a stream, and accepts one that cannot be cancelled', async () => {
    let released = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield noiseOf(2);
      } finally {
        released = true;
      }
    }
    const cursor = byteCursor(source());
    await cursor.take(1);
    await cursor.close();
    expect(released).toBe(true);
    const bare = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true as const, value: undefined }) }) };
    await byteCursor(bare).close();
  });
});
