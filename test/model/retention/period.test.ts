// Periods of retention: their form, when they end, and which is longer.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUtcTime } from '../../../src/bytes/utc-time.ts';
import { comparePeriods, isPeriod, type Period, periodEnd } from '../../../src/model/retention/period.ts';
import { anyPeriod, anyTime } from '../../support/retention.ts';

const DAY_MS = 86_400_000;
const runs = { numRuns: 2_000 };

describe('a period', () => {
  it('counts midnight at the end of a day as the next day, whichever came first', () => {
    expect(periodEnd('2026-01-30T12:00:00.000Z', 'P1D')).toBe('2026-02-01T12:00:00.000Z');
    for (const start of ['2026-01-30T24:00:00Z', '2026-01-31T00:00:00.000Z', '2026-01-30T20:00:00-05:00'])
      expect(periodEnd(start, 'P1D')).toBe('2026-02-02T12:00:00.000Z');
    expect(periodEnd('2026-01-30T23:59:59Z', 'P1D')).toBe('2026-02-01T12:00:00.000Z');
  });

  it('of days ends at noon of the day after them', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: 1, max: 36_600 }), (start, days) => {
        const noon = Date.parse(`${start.slice(0, 10)}T12:00:00Z`);
        expect(periodEnd(start, `P${days}D`)).toBe(new Date(noon + (days + 1) * DAY_MS).toISOString());
      }),
      runs,
    );
  });

  it('ends at a UTC time after the start, no earlier for a later start, and with months as with years', () => {
    fc.assert(
      fc.property(anyTime, anyTime, anyPeriod, (one, other, period) => {
        const [first = '', second = ''] = [one, other].sort();
        expect(isUtcTime(periodEnd(first, period))).toBe(true);
        expect(periodEnd(first, period) > first).toBe(true);
        expect(periodEnd(second, period) >= periodEnd(first, period)).toBe(true);
        const [, years] = /^P(\d+)Y$/.exec(period) ?? [];
        if (years !== undefined) expect(periodEnd(one, `P${Number(years) * 12}M`)).toBe(periodEnd(one, period));
      }),
      runs,
    );
  });

  it('of months ends in the month that it leads to, or at noon of the first day after it', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: 1, max: 1_200 }), (start, count) => {
        const lastDay = new Date(Date.parse(periodEnd(start, `P${count}M`)) - DAY_MS);
        const [was, is] = [new Date(start), lastDay].map((date) => date.getUTCFullYear() * 12 + date.getUTCMonth());
        expect(is).toBe((was ?? 0) + count);
        expect(lastDay.getUTCDate()).toBeLessThanOrEqual(new Date(start).getUTCDate());
      }),
      runs,
    );
  });

  it.each([
    'P0D',
    'P01D',
    'P36601D',
    'P1201M',
    'P101Y',
    'P1W',
    'P1Y6M',
    'p1D',
    'P-1D',
    'P1.5D',
    'P1D ',
    'PT1H',
    '',
    'PD',
  ])('is not %j', (text) => {
    expect(isPeriod(text)).toBe(false);
  });

  it.each(['P1D', 'P36600D', 'P1M', 'P1200M', 'P1Y', 'P100Y'])('can be %s', (text) => {
    expect(isPeriod(text)).toBe(true);
  });
});

describe('two periods', () => {
  it.each<[Period, Period, -1 | 0 | 1 | null]>([
    ['P1Y', 'P12M', 0],
    ['P30D', 'P30D', 0],
    ['P1M', 'P28D', 1],
    ['P1M', 'P29D', null],
    ['P1M', 'P30D', null],
    ['P1M', 'P31D', -1],
    ['P1Y', 'P365D', 1],
    ['P1Y', 'P366D', -1],
    ['P4Y', 'P1460D', 1],
    ['P4Y', 'P1461D', -1],
    ['P2M', 'P59D', 1],
    ['P2M', 'P62D', -1],
    ['P100Y', 'P36524D', 1],
    ['P100Y', 'P36525D', -1],
  ])('%s and %s compare as %s', (one, other, order) => {
    expect(comparePeriods(one, other)).toBe(order);
    expect(comparePeriods(other, one)).toBe(order === null ? null : order === 0 ? 0 : -order);
  });

  it('compare as their ends do, from any day', () => {
    let compared = 0;
    fc.assert(
      fc.property(anyPeriod, anyPeriod, anyTime, (one, other, start) => {
        const order = comparePeriods(one, other);
        if (order === null) return;
        compared += 1;
        const [first, second] = [periodEnd(start, one), periodEnd(start, other)];
        if (order === 0) expect(first).toBe(second);
        else expect(order === 1 ? first >= second : first <= second).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(compared).toBeGreaterThan(1_500);
  });
});
