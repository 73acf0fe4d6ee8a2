// The activity page's filters: what stands in the address, and where days begin.
import { expect, it } from 'vitest';
import { dayStart } from '../../src/console/i18n/days.ts';
import { isNarrowed, queryOf, readActivitySearch } from '../../src/console/pages/activity/filter.ts';

const nobody = { person: null, recording: null };

it.each([
  ['2026-11-25T12:00:00Z', 'Asia/Shanghai', 0, '2026-11-24T16:00:00.000Z'],
  ['2026-11-25T17:00:00Z', 'Asia/Shanghai', 0, '2026-11-25T16:00:00.000Z'],
  ['2026-11-25T12:00:00Z', 'UTC', 6, '2026-11-19T00:00:00.000Z'],
  // The clocks went back on 25 October 2026, and forward on 29 March.
  ['2026-10-27T12:00:00Z', 'Europe/London', 6, '2026-10-20T23:00:00.000Z'],
  ['2026-10-25T12:00:00Z', 'Europe/London', 0, '2026-10-24T23:00:00.000Z'],
  ['2026-03-29T12:00:00Z', 'Europe/London', 0, '2026-03-29T00:00:00.000Z'],
  ['2026-11-25T03:00:00Z', 'America/New_York', 0, '2026-11-24T05:00:00.000Z'],
  ['2026-11-25T12:00:00Z', 'Asia/Kathmandu', 0, '2026-11-24T18:15:00.000Z'],
])('at %s in %s the day %i days back began at %s', (now, zone, back, start) => {
  expect(dayStart(Date.parse(now), zone, back)).toBe(start);
});

it('an address says the span and the group alone, and nonsense is left out', () => {
  expect(readActivitySearch({ span: 'week', group: 'access', person: 'usr_a' })).toEqual({
    span: 'week',
    group: 'access',
  });
  expect(readActivitySearch({ span: 'all', group: 'x' })).toEqual({});
  expect(readActivitySearch({ span: 7, group: '__proto__' })).toEqual({});
});

it('the API is asked for actions and times, and for who is named', () => {
  const now = Date.parse('2026-11-25T12:00:00Z');
  expect(queryOf({ span: 'day', group: 'access' }, { person: 'usr_a', recording: null }, now, 'UTC')).toEqual({
    from: '2026-11-25T00:00:00.000Z',
    action: expect.stringContaining('access.approved,'),
    person: 'usr_a',
    recording: null,
  });
  expect(queryOf({}, nobody, now, 'UTC')).toMatchObject({ from: null, action: null });
});

it('only a filter that leaves events out narrows: a time alone does not', () => {
  expect(isNarrowed({ span: 'day' }, nobody)).toBe(false);
  expect(isNarrowed({ group: 'keys' }, nobody)).toBe(true);
  expect(isNarrowed({}, { person: 'usr_a', recording: null })).toBe(true);
});
