// Wall clocks: local times and the beginnings of local days, also where the clock skips or repeats an hour.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { localDayOf, localTimeOf, startOfLocalDay } from '../../src/model/local-time.ts';

const at = (time: string): number => Date.parse(time);
const startOf = (zone: string, time: string): string => new Date(startOfLocalDay(zone, at(time))).toISOString();

describe('the local time of a moment', () => {
  it.each([
    ['Europe/London', '2026-07-01T23:30:00.000Z', 4, 30],
    ['Asia/Shanghai', '2026-11-29T16:00:00.000Z', 1, 0],
    ['America/New_York', '2026-11-30T02:15:59.999Z', 7, 21 * 60 + 15],
    ['Asia/Kathmandu', '2026-11-28T00:00:00.000Z', 6, 5 * 60 + 45],
    ['UTC', '1969-12-31T12:00:00.000Z', 3, 720],
  ])('in %s at %s is weekday %i, minute %i', (zone, time, weekday, minute) => {
    expect(localTimeOf(zone, at(time))).toMatchObject({ weekday, minute });
  });
});

describe('the beginning of a local day', () => {
  it.each([
    ['Asia/Shanghai', '2026-11-28T15:59:59.999Z', '2026-11-27T16:00:00.000Z'],
    ['Asia/Shanghai', '2026-11-28T16:00:00.000Z', '2026-11-28T16:00:00.000Z'],
    // Days of 23 and of 25 hours.
    ['Europe/London', '2026-03-29T22:59:00.000Z', '2026-03-29T00:00:00.000Z'],
    ['Europe/London', '2026-03-29T23:00:00.000Z', '2026-03-29T23:00:00.000Z'],
    ['Europe/London', '2026-10-25T23:59:00.000Z', '2026-10-24T23:00:00.000Z'],
    // The clock goes from 00:00 to 01:00: the day has no midnight.
    ['Asia/Beirut', '2026-03-29T12:00:00.000Z', '2026-03-28T22:00:00.000Z'],
  ])('in %s at %s is %s', (zone, time, start) => {
    expect(startOf(zone, time)).toBe(start);
  });

  it('is the same for every moment of the day, and the day before ends there', () => {
    const zones = ['Europe/London', 'Asia/Shanghai', 'America/New_York', 'Asia/Beirut', 'Australia/Lord_Howe'];
    const moments = fc.integer({ min: at('2020-01-01T00:00:00.000Z'), max: at('2030-01-01T00:00:00.000Z') });
    fc.assert(
      fc.property(fc.constantFrom(...zones, 'Pacific/Kiritimati'), moments, fc.nat(86_400_000), (zone, one, more) => {
        const start = startOfLocalDay(zone, one);
        const { date } = localTimeOf(zone, one);
        expect(start).toBeLessThanOrEqual(one);
        expect(localTimeOf(zone, start)).toMatchObject({ date });
        expect(localTimeOf(zone, start - 1).date).toBeLessThan(date);
        const other = one + more;
        expect(startOfLocalDay(zone, other) === start).toBe(localTimeOf(zone, other).date === date);
      }),
    );
  });
});

describe('the local day of a moment', () => {
  it('is from midnight to midnight', () => {
    expect(localDayOf('Europe/London', at('2026-03-29T12:00:00.000Z'))).toEqual({
      from: '2026-03-29T00:00:00.000Z',
      to: '2026-03-29T23:00:00.000Z',
    });
  });

  it('is computed once, also where moments of two days alternate', () => {
    const counted = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    const formatted = (time: string): number => {
      counted.mockClear();
      localDayOf('Europe/Paris', at(time));
      return counted.mock.calls.length;
    };
    const [late, early] = ['2026-11-27T22:30:00.000Z', '2026-11-28T00:30:00.000Z'];
    expect(formatted(late)).toBeGreaterThan(20);
    formatted(early);
    for (let round = 0; round < 3; round++) expect([formatted(late), formatted(early)]).toEqual([2, 2]);
    counted.mockRestore();
  });

  it('is right again after other days were asked for', () => {
    const days = Array.from({ length: 30 }, (_, n) => at('2026-03-15T12:00:00.000Z') + n * 86_400_000);
    const first = days.map((day) => localDayOf('America/New_York', day));
    expect(days.map((day) => localDayOf('America/New_York', day))).toEqual(first);
    for (const [n, day] of first.slice(1).entries()) expect(day.from).toBe(first[n]?.to);
  });
});
