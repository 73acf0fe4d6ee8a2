// Order of people and API keys, search by name, the teams of each person, and keys that expire soon.
import { expect, it } from 'vitest';
import type { ApiKey, Person } from '../../src/console/pages/people/queries.ts';
import { daysUntilExpiry, findPeople, sortApiKeys, teamsByPerson } from '../../src/console/pages/people/sort.ts';
import type { TeamViewBody } from '../../src/http/reply-types.ts';

const person = (name: string | null, more: Partial<Person> = {}): Person => ({
  ...{ id: `usr_${name}`, kind: 'person', name, roles: ['reviewer'], state: 'active', trained_until: null, owners: [] },
  ...{ created: '2026-11-25T12:00:00.000Z', passkeys: null, sign_ins: null, last_seen: null, link_until: null },
  ...more,
});
const key = (id: string, expires: string, state: ApiKey['state'] = 'active'): ApiKey => ({
  ...{ id, principal: 'usr_a', principal_name: 'Ann', scopes: ['read'], state, expires },
  created: '2026-11-25T12:00:00.000Z',
});

it('puts people before services, and deactivated ones last', () => {
  const all = [person('pbx', { kind: 'service' }), person('Zoe'), person('Old', { state: 'off' }), person('Ann')];
  expect(findPeople(all, '', 'en').map(({ name }) => name)).toEqual(['Ann', 'Zoe', 'pbx', 'Old']);
});

it('finds a name by any part in any spelling, and never a hidden one', () => {
  const all = [person('Margarita Vale'), person('李晓娜'), person(null)];
  expect(findPeople(all, ' vAle ', 'en').map(({ name }) => name)).toEqual(['Margarita Vale']);
  expect(findPeople(all, '晓娜', 'zh-CN').map(({ name }) => name)).toEqual(['李晓娜']);
  expect(findPeople(all, 'x', 'en')).toEqual([]);
  expect(findPeople(all, '', 'en')).toHaveLength(3);
});

it('puts active keys first, ordered by expiry', () => {
  const keys = [key('c', '2027-01-01'), key('b', '2026-01-01', 'revoked'), key('a', '2026-12-01')];
  expect(sortApiKeys(keys).map(({ id }) => id)).toEqual(['a', 'c', 'b']);
});

it('a key that ends within two weeks says in how many days', () => {
  const now = Date.parse('2026-11-25T12:00:00Z');
  expect(daysUntilExpiry(key('a', '2026-11-26T12:00:00Z'), now)).toBe(1);
  expect(daysUntilExpiry(key('a', '2026-12-09T12:00:00Z'), now)).toBe(14);
  expect(daysUntilExpiry(key('a', '2026-12-09T12:00:01Z'), now)).toBeNull();
  expect(daysUntilExpiry(key('a', '2026-11-26T12:00:00Z', 'revoked'), now)).toBeNull();
  expect(daysUntilExpiry(key('a', '2026-11-24T12:00:00Z'), now)).toBeNull();
});

it('finds the teams of each person, and where they lead', () => {
  const team = (id: string, members: TeamViewBody['members']): TeamViewBody => ({
    ...{ id, name: id.toUpperCase(), created: '2026-11-25T12:00:00.000Z', version: 1, members, queues: [] },
  });
  const teams = [
    team('tea_1', [{ id: 'usr_1', name: 'Ana', lead: true }]),
    team('tea_2', [
      { id: 'usr_1', name: 'Ana', lead: false },
      { id: 'usr_2', name: 'Bo', lead: true },
    ]),
  ];
  expect(Object.fromEntries(teamsByPerson(teams))).toEqual({
    usr_1: [
      { id: 'tea_1', name: 'TEA_1', lead: true },
      { id: 'tea_2', name: 'TEA_2', lead: false },
    ],
    usr_2: [{ id: 'tea_2', name: 'TEA_2', lead: true }],
  });
});
