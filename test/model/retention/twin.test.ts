// The retention of the vault and its twin, written apart from it: the same ends over random rules and histories.
import { describe, expect, it } from 'vitest';
import { dayAt, periodEnd, placeOf } from '../../support/retention-calendar.ts';
import { compareHistories } from '../../support/retention-compared.ts';
import { twinHistory } from '../../support/retention-histories.ts';

describe('the twin', () => {
  it('has the days that a calendar has', () => {
    const first = Date.UTC(1900, 0, 1);
    for (let place = 0; place < 290_000; place++)
      if (dayAt(place) !== new Date(first + place * 86_400_000).toISOString().slice(0, 10))
        throw new Error(dayAt(place));
    expect(placeOf('2026-01-31') - placeOf('1900-01-01')).toBe((Date.UTC(2026, 0, 31) - first) / 86_400_000);
  });

  it.each([
    // The example of the design.
    ['2026-01-31T23:00:00.000Z', 'P1M', '2026-03-01T12:00:00.000Z'],
    ['2024-01-31T00:00:00.000Z', 'P1M', '2024-03-01T12:00:00.000Z'],
    ['2024-02-29T00:00:00.000Z', 'P1Y', '2025-03-01T12:00:00.000Z'],
    ['2024-02-29T00:00:00.000Z', 'P4Y', '2028-03-01T12:00:00.000Z'],
    ['2025-02-28T00:00:00.000Z', 'P36M', '2028-02-29T12:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', 'P2M', '2027-03-01T12:00:00.000Z'],
    ['2026-12-31T23:59:59.999Z', 'P7D', '2027-01-08T12:00:00.000Z'],
  ])('ends %s %s at %s', (start, period, end) => {
    expect(periodEnd(start, period)).toBe(end);
  });

  it('makes the same history from the same seed', () => {
    expect([...twinHistory(7)]).toEqual([...twinHistory(7)]);
    expect([...twinHistory(7)]).not.toEqual([...twinHistory(8)]);
  });
});

// A million: npm run drill:retention.
describe('retention and its twin', () => {
  it('agree after every step of random histories', () => {
    const { differences, ...tally } = compareHistories(1_000_000, 5_000);
    expect(differences.slice(0, 3)).toEqual([]);
    expect(tally.histories).toBe(5_000);
    expect(tally.steps).toBeGreaterThan(25_000);
    for (const reached of [tally.lowered, tally.reported, tally.graced, tally.minimum, tally.never, tally.asked])
      expect(reached).toBeGreaterThan(100);
  });
});
