// Spans of time: union, intersection, gaps, coverage, and heard spans.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addHeard,
  gapsBetween,
  intersectSpans,
  mergeSpans,
  percentOf,
  type Span,
  totalOf,
} from '../../../../src/console/player/time/spans.ts';

const span = fc.tuple(fc.nat(200), fc.nat(50)).map(([start, length]): Span => ({ start, end: start + length }));
const spans = fc.array(span, { maxLength: 12 });

/** Whole milliseconds inside any of the spans. */
function points(list: readonly Span[]): Set<number> {
  return new Set(list.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, n) => start + n)));
}

describe('spans of time', () => {
  it('merged cover the same, sorted and disjoint', () => {
    fc.assert(
      fc.property(spans, (list) => {
        const merged = mergeSpans(list);
        expect(points(merged)).toEqual(points(list));
        merged.slice(1).forEach(({ start }, n) => {
          expect(start).toBeGreaterThan(merged[n]?.end ?? 0);
        });
        expect(totalOf(merged)).toBe(points(list).size);
      }),
    );
  });

  it('in an intersection are in both, gaps in neither', () => {
    fc.assert(
      fc.property(spans, spans, (ones, others) => {
        const [one, other] = [mergeSpans(ones), mergeSpans(others)];
        const both = [...points(one)].filter((at) => points(other).has(at));
        expect([...points(intersectSpans(one, other))].sort()).toEqual(both.sort());
        const whole = { start: 0, end: 260 };
        const rest = points(gapsBetween(one, whole));
        expect(rest.size + points(intersectSpans(one, [whole])).size).toBe(260);
        expect([...rest].some((at) => points(one).has(at))).toBe(false);
      }),
    );
  });

  it('no further apart than the gap become one', () => {
    const list = [
      { start: 0, end: 10 },
      { start: 15, end: 20 },
    ];
    expect(mergeSpans(list, 5)).toEqual([{ start: 0, end: 20 }]);
    expect(mergeSpans(list, 4)).toEqual(list);
  });

  it('are 100 per cent only where nothing is left', () => {
    expect(percentOf([{ start: 0, end: 999 }], 1000)).toBe(99);
    expect(percentOf([{ start: 0, end: 1200 }], 1000)).toBe(100);
    expect(percentOf([{ start: 0, end: 430 }], 1000)).toBe(43);
    expect(percentOf([], 0)).toBe(0);
  });
});

describe('what was heard', () => {
  it('grows by steps of playing and not by jumps', () => {
    let heard: readonly Span[] = [];
    heard = addHeard(heard, 0, 250, 1000);
    heard = addHeard(heard, 250, 500, 1000);
    expect(heard).toEqual([{ start: 0, end: 500 }]);
    expect(addHeard(heard, 500, 90_000, 1000)).toBe(heard);
    expect(addHeard(heard, 500, 100, 1000)).toBe(heard);
    expect(addHeard(heard, 100, 300, 1000)).toBe(heard);
  });
});
