// Served ranges of a call: merged, few, and never less than what was served.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addServedRange,
  mergeRanges,
  type ServedRange,
  servedRangeOf,
  totalLength,
} from '../../src/model/served-ranges.ts';

const stretches = fc.array(
  fc
    .tuple(fc.nat(5_000), fc.integer({ min: 1, max: 300 }))
    .map(([start, length]): ServedRange => [start, start + length]),
  { maxLength: 300 },
);

/** Every millisecond in one of the ranges. */
function milliseconds(given: readonly ServedRange[]): Set<number> {
  return new Set(given.flatMap(([start, end]) => Array.from({ length: end - start }, (_, n) => start + n)));
}

describe('ranges', () => {
  it('cover the same time after merging, in order and disjoint', () => {
    const property = fc.property(stretches, (given) => {
      const done = mergeRanges(given);
      expect(milliseconds(done)).toEqual(milliseconds(given));
      expect(totalLength(given)).toBe(milliseconds(given).size);
      for (const [n, [start, end]] of done.entries()) {
        expect(start).toBeLessThan(end);
        expect(start).toBeGreaterThan(done[n - 1]?.[1] ?? -1);
      }
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('added one by one stay at most 64, and lose nothing', () => {
    const property = fc.property(stretches, (given) => {
      let stretches: ServedRange[] = [];
      for (const one of given) {
        stretches = addServedRange(stretches, one);
        expect(stretches.length).toBeLessThanOrEqual(64);
      }
      const kept = milliseconds(stretches);
      for (const each of milliseconds(given)) expect(kept.has(each)).toBe(true);
    });
    fc.assert(property, { numRuns: 30 });
  });

  it('close the smallest gap first', () => {
    let kept: ServedRange[] = [];
    for (let n = 0; n < 64; n++) kept = addServedRange(kept, [n * 1_000, n * 1_000 + 100]);
    kept = addServedRange(kept, [100_000, 100_100]);
    expect(kept).toHaveLength(64);
    expect(kept[0]).toEqual([0, 1_100]);
    kept = addServedRange(kept, [63_105, 63_200]);
    expect(kept).toHaveLength(64);
    expect(kept.at(-2)).toEqual([63_000, 63_200]);
  });

  it.each([
    [{ start: 0, end: 100 }, 100, 1_000, [0, 1_000]],
    [{ start: 50, end: 51 }, 100, 1_000, [500, 510]],
    [{ start: 1, end: 2 }, 3, 1_000, [333, 667]],
    [{ start: 0, end: 400 }, 100, 1_000, [0, 1_000]],
    [{ start: 0, end: 10 }, 100, null, null],
    [{ start: 0, end: 10 }, 100, 0, null],
    [{ start: 0, end: 0 }, 0, 1_000, null],
  ] as const)('of bytes %o of %d in a call of %s ms: %o', (bytes, size, durationMs, stretch) => {
    expect(servedRangeOf(bytes, size, durationMs)).toEqual(stretch);
  });
});
