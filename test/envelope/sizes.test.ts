// Size arithmetic of the sealed format: its definition and examples.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHUNK,
  chunkOffset,
  HEADER,
  MAX_OBJECT,
  MAX_PARTS,
  PART,
  partCount,
  partSize,
  SEALED_CHUNK,
  SEALED_PART,
  sealedMessageSize,
  sealedObjectSize,
  TAG,
} from '../../src/envelope/sizes.ts';
import { codeOf } from './bench.ts';

const anySize = fc.oneof(
  fc.nat({ max: 4 * CHUNK }),
  fc.nat({ max: 4 * PART }),
  fc.maxSafeNat().map((n) => n % (MAX_OBJECT + 1)),
);

describe('sizes', () => {
  it('equal those in docs/format.md', () => {
    expect([CHUNK, TAG, SEALED_CHUNK, HEADER, PART, SEALED_PART, MAX_PARTS]).toEqual([
      16_384, 16, 16_400, 56, 8_388_608, 8_396_872, 10_000,
    ]);
    expect(MAX_OBJECT).toBe(83_886_079_999);
  });

  it.each([
    [0, 72, 1],
    [1, 73, 1],
    [CHUNK - 1, 56 + CHUNK - 1 + 16, 1],
    [CHUNK, 56 + CHUNK + 32, 1],
    [CHUNK + 1, 56 + CHUNK + 1 + 32, 1],
    [4_800_044, 4_804_788, 1],
    [PART - 1, 8_396_855, 1],
    [PART, 8_396_872 + 72, 2],
    [PART + 1, 8_396_872 + 73, 2],
    [2 * PART, 2 * 8_396_872 + 72, 3],
    [MAX_OBJECT, 9_999 * 8_396_872 + 8_396_855, 10_000],
  ])('of %i bytes are %i sealed bytes in %i parts', (size, stored, parts) => {
    expect(sealedObjectSize(size)).toBe(stored);
    expect(partCount(size)).toBe(parts);
  });

  it.each([MAX_OBJECT + 1, MAX_OBJECT + PART, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    'of %d bytes are too large',
    (size) => {
      expect(codeOf(() => sealedObjectSize(size))).toBe('body_too_large');
    },
  );

  it('of the parts add up to the object’s, and only the last is shorter', () => {
    fc.assert(
      fc.property(anySize, (size) => {
        const parts = partCount(size);
        expect(parts).toBeLessThanOrEqual(MAX_PARTS);
        const last = partSize(size, parts - 1);
        expect(last).toBeLessThan(PART);
        expect((parts - 1) * PART + last).toBe(size);
        if (parts > 1) expect([partSize(size, 0), partSize(size, parts - 2)]).toEqual([PART, PART]);
        expect(sealedObjectSize(size)).toBe((parts - 1) * SEALED_PART + sealedMessageSize(last));
      }),
    );
  });

  it('of a message end with a chunk that is shorter than the others', () => {
    fc.assert(
      fc.property(anySize, (size) => {
        const body = sealedMessageSize(size) - HEADER;
        expect(body % SEALED_CHUNK).toBe((size % CHUNK) + TAG);
        expect(Math.floor(body / SEALED_CHUNK)).toBe(Math.floor(size / CHUNK));
      }),
    );
  });

  it('grow with the plaintext: no two lengths have the same sealed size', () => {
    fc.assert(
      fc.property(anySize, (size) => {
        fc.pre(size < MAX_OBJECT);
        expect(sealedObjectSize(size + 1)).toBeGreaterThan(sealedObjectSize(size));
      }),
    );
  });

  it('place the chunks in order after the header of their part', () => {
    expect(chunkOffset(0, 0)).toBe(HEADER);
    expect(chunkOffset(0, 512) + TAG).toBe(SEALED_PART);
    expect(chunkOffset(1, 0)).toBe(SEALED_PART + HEADER);
    expect(chunkOffset(9_999, 511)).toBe(9_999 * SEALED_PART + HEADER + 511 * SEALED_CHUNK);
  });
});
