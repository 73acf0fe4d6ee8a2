// Filters of people in the address: what is read from it, and whom each keeps.
import { expect, it } from 'vitest';
import type { Person } from '../../src/console/pages/people/queries.ts';
import { matchesFilters, type PeopleSearch, readPeopleSearch } from '../../src/console/pages/people/search-params.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const person = (name: string, more: Partial<Person> = {}): Person => ({
  ...{ id: `usr_${name}`, kind: 'person', name, roles: ['reviewer'], state: 'active', trained_until: null, owners: [] },
  ...{ created: '2026-11-25T12:00:00.000Z', passkeys: null, sign_ins: null, last_seen: null, link_until: null },
  ...more,
});
const PEOPLE = [
  person('untrained'),
  person('expired', { trained_until: '2026-11-26' }),
  person('last day', { trained_until: '2026-11-28' }),
  person('soon', { trained_until: '2026-12-26' }),
  person('later', { trained_until: '2026-12-28' }),
  person('lead', { roles: ['reviewer', 'supervisor'], trained_until: '2027-03-31' }),
  person('off', { state: 'off', roles: ['supervisor'], trained_until: '2026-11-01' }),
  person('pbx', { kind: 'service', roles: ['uploader'] }),
];
const kept = (search: PeopleSearch) => PEOPLE.filter((one) => matchesFilters(one, search, NOW)).map(({ name }) => name);

it('are read from an address, without a name and without what is invalid', () => {
  const all = { role: 'supervisor', account: 'off', training: 'expiring' };
  expect(readPeopleSearch(all)).toEqual(all);
  expect(readPeopleSearch({ role: 'boss', account: ['off'], training: '', name: 'Ana', text: 'Ana' })).toEqual({});
});

it('keep people with the role, unless they are deactivated', () => {
  expect(kept({ role: 'supervisor' })).toEqual(['lead']);
  expect(kept({ role: 'supervisor', account: 'off' })).toEqual([]);
});

it('keep people by state', () => {
  expect(kept({ account: 'off' })).toEqual(['off']);
  expect(kept({ account: 'active' })).toHaveLength(7);
  expect(kept({})).toHaveLength(8);
});

it('keep people whose training has ended in every time zone, or ends within 30 days', () => {
  expect(kept({ training: 'expired' })).toEqual(['expired']);
  expect(kept({ training: 'expiring' })).toEqual(['last day', 'soon']);
  expect(kept({ training: 'expiring', role: 'supervisor' })).toEqual([]);
});
