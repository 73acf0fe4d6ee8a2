// Filters of the activity page: their part in the address, their API query, and the start of days.
import { describe, expect, it } from 'vitest';
import { dayStart } from '../../../src/console/i18n/days.ts';
import {
  type ActivitySearch,
  activityQueryOf,
  GROUP_NAMES,
  groupsOf,
  isNarrowed,
  readActivitySearch,
  withAll,
  withToggled,
} from '../../../src/console/pages/activity/filters/filter.ts';

const nobody = { person: null, recording: null };
const NOW = Date.parse('2026-11-25T12:00:00Z');
const actionsOf = (search: ActivitySearch) => activityQueryOf(search, nobody, NOW, 'UTC').action;

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

describe('an address', () => {
  it('has only the span and the groups, without invalid values', () => {
    expect(readActivitySearch({ span: 'week', group: 'keys', person: 'usr_a' })).toEqual({
      span: 'week',
      group: 'keys',
    });
    expect(readActivitySearch({ span: 'all', group: 'x' })).toEqual({});
    expect(readActivitySearch({ span: 7, group: '__proto__,constructor' })).toEqual({});
    expect(readActivitySearch({ group: ['keys'] })).toEqual({});
  });

  it('has each group once, in a fixed order, and one word for all', () => {
    expect(readActivitySearch({ group: 'keys,x,listening,keys' })).toEqual({ group: 'listening,keys' });
    expect(readActivitySearch({ group: 'all' })).toEqual({ group: 'all' });
    expect(readActivitySearch({ group: GROUP_NAMES.join() })).toEqual({ group: 'all' });
  });

  it('has nothing for what the page begins with: listening and decisions', () => {
    expect(readActivitySearch({ group: 'decisions,listening' })).toEqual({});
    expect(groupsOf({})).toEqual(['listening', 'decisions']);
  });

  it('of an older version shows what it showed', () => {
    expect(readActivitySearch({ group: 'access' })).toEqual({ group: 'decisions,requests' });
  });
});

describe('a chip', () => {
  it('adds its group and removes it', () => {
    const more = withToggled({ span: 'day' }, 'keys');
    expect(more).toEqual({ span: 'day', group: 'listening,decisions,keys' });
    expect(withToggled(more, 'keys')).toEqual({ span: 'day' });
    expect(withToggled(more, 'decisions')).toEqual({ span: 'day', group: 'listening,keys' });
  });

  it('narrows all events to its group; removing the last group shows all', () => {
    expect(withToggled(withAll({ span: 'week' }), 'people')).toEqual({ span: 'week', group: 'people' });
    expect(withToggled({ group: 'people' }, 'people')).toEqual({ group: 'all' });
  });
});

describe('the API', () => {
  it('gets actions, times, and the chosen person or recording', () => {
    expect(
      activityQueryOf({ span: 'day', group: 'decisions' }, { person: 'usr_a', recording: null }, NOW, 'UTC'),
    ).toEqual({
      from: '2026-11-25T00:00:00.000Z',
      action: 'access.approved,access.denied,access.assigned,grant.revoked,batch.withdrawn',
      person: 'usr_a',
      recording: null,
    });
    expect(actionsOf({})).toBe(
      'session.opened,grant.extended,session.ended,access.approved,access.denied,access.assigned,grant.revoked,batch.withdrawn',
    );
    expect(activityQueryOf({ group: 'all' }, nobody, NOW, 'UTC')).toMatchObject({ from: null, action: null });
  });

  it('accepts any choice of groups', () => {
    const most = readActivitySearch({ group: GROUP_NAMES.slice(1).join() });
    expect(actionsOf(most)?.length).toBeLessThanOrEqual(2000);
  });
});

it('only a filter that leaves events out narrows: a time alone does not', () => {
  expect(isNarrowed({ span: 'day', group: 'all' }, nobody)).toBe(false);
  expect(isNarrowed({}, nobody)).toBe(true);
  expect(isNarrowed({ group: 'all' }, { person: 'usr_a', recording: null })).toBe(true);
});
