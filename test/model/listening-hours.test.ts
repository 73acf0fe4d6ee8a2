// The hours of listening: days of the week, over midnight, and where the clock changes.
import { describe, expect, it } from 'vitest';
import { coversHours, isWithinHours, type ListeningHours, WEEKDAYS } from '../../src/model/listening-hours.ts';

const within = (hours: ListeningHours, zone: string, time: string): boolean =>
  isWithinHours(hours, zone, Date.parse(time));
const office: ListeningHours = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '20:00' };
const night: ListeningHours = { days: ['fri'], from: '22:00', to: '06:00' };

describe('hours of listening', () => {
  it.each([
    ['2026-11-30T07:59:59.999Z', false],
    ['2026-11-30T08:00:00.000Z', true],
    ['2026-11-30T19:59:59.999Z', true],
    ['2026-11-30T20:00:00.000Z', false],
    // A Saturday.
    ['2026-11-28T12:00:00.000Z', false],
  ])('in the office at %s: %s', (time, allowed) => {
    expect(within(office, 'UTC', time)).toBe(allowed);
  });

  it('follow the clock of the zone', () => {
    // 08:00 in Shanghai is midnight UTC; in London it is 07:00 UTC in summer.
    expect(within(office, 'Asia/Shanghai', '2026-11-30T00:00:00.000Z')).toBe(true);
    expect(within(office, 'Asia/Shanghai', '2026-11-30T12:00:00.000Z')).toBe(false);
    expect(within(office, 'Europe/London', '2026-07-01T07:00:00.000Z')).toBe(true);
    expect(within(office, 'Europe/London', '2026-12-01T07:00:00.000Z')).toBe(false);
  });

  it.each([
    ['2026-11-27T21:59:00.000Z', false],
    ['2026-11-27T22:00:00.000Z', true],
    ['2026-11-28T05:59:00.000Z', true],
    ['2026-11-28T06:00:00.000Z', false],
    // A Saturday night does not begin on a Friday, and Friday morning belongs to Thursday.
    ['2026-11-28T22:30:00.000Z', false],
    ['2026-11-27T05:00:00.000Z', false],
  ])('over midnight belong to the day on which they begin: %s, %s', (time, allowed) => {
    expect(within(night, 'UTC', time)).toBe(allowed);
  });

  it('of a Sunday night end on Monday', () => {
    expect(within({ ...night, days: ['sun'] }, 'UTC', '2026-11-30T05:59:00.000Z')).toBe(true);
    expect(within({ ...night, days: ['sun'] }, 'UTC', '2026-12-01T05:59:00.000Z')).toBe(false);
  });

  it('hold twice in an hour that the clock repeats, and never in one that it skips', () => {
    const hour: ListeningHours = { days: [...WEEKDAYS], from: '01:00', to: '02:00' };
    const spring = ['2026-03-29T00:59:59.000Z', '2026-03-29T01:00:00.000Z', '2026-03-29T01:59:00.000Z'];
    expect(spring.map((time) => within(hour, 'Europe/London', time))).toEqual([false, false, false]);
    const autumn = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z', '2026-10-25T02:00:00.000Z'];
    expect(autumn.map((time) => within(hour, 'Europe/London', time))).toEqual([true, true, false]);
  });

  it('until 24:00 include the last minute of the day', () => {
    const day: ListeningHours = { days: ['sat'], from: '00:00', to: '24:00' };
    expect(within(day, 'UTC', '2026-11-28T00:00:00.000Z')).toBe(true);
    expect(within(day, 'UTC', '2026-11-28T23:59:59.999Z')).toBe(true);
    expect(within(day, 'UTC', '2026-11-29T00:00:00.000Z')).toBe(false);
  });

  it('cover others where those have no minute more', () => {
    expect(coversHours(office, { ...office, from: '09:00' })).toBe(true);
    expect(coversHours({ ...office, from: '09:00' }, office)).toBe(false);
    expect(coversHours(office, { ...office, days: ['mon'] })).toBe(true);
    expect(coversHours(night, { days: ['sat'], from: '00:00', to: '06:00' })).toBe(true);
    expect(coversHours(night, { days: ['fri'], from: '00:00', to: '06:00' })).toBe(false);
  });
});
