// Rows of a change of people: what each plans, and why one is not possible.
import { describe, expect, it } from 'vitest';
import { isPersonName, planPeople, type RowFaultCode, type WantedPerson } from '../../../src/model/change/people.ts';
import { isTrainingDay, type Principal, ROLES, rolesFault } from '../../../src/model/principal.ts';
import { principal } from '../../support/more-fixture-rows.ts';

const ID = 'usr_06mbc00000000000000000000a';
const ana: Principal = { ...principal, id: ID, roles: ['reviewer'], trainedUntil: '2027-01-31' };
const off: Principal = { ...ana, state: 'OFF', roles: ['admin'], mac: null };

const planned = (wanted: readonly WantedPerson[], who = ana) => planPeople(wanted, new Map([[who.id, who]]));
const faultsOf = (wanted: readonly WantedPerson[], who = ana) =>
  planned(wanted, who).faults.map(({ row, member, code }) => [row, member, code]);

describe('a row of a change of people', () => {
  it('adds a person, and leaves what it does not name', () => {
    const from = { state: 'active', roles: ['reviewer'], trained_until: '2027-01-31' };
    expect(
      planned([
        { name: 'Wei', roles: ['supervisor', 'reviewer', 'reviewer'], trained_until: '2027-03-31' },
        { id: ID, roles: ['supervisor'] },
      ]),
    ).toEqual({
      rows: [
        { add: { name: 'Wei', roles: ['reviewer', 'supervisor'], trained_until: '2027-03-31' } },
        { change: { id: ID, from, to: { ...from, roles: ['supervisor'] } } },
      ],
      faults: [],
    });
    expect(planned([{ id: ID, trained_until: null }]).rows).toEqual([
      { change: { id: ID, from, to: { ...from, trained_until: null } } },
    ]);
  });

  it('brings back a person with nothing that the deactivated row says', () => {
    const [row] = planned([{ id: ID, state: 'active', roles: ['auditor'] }], off).rows;
    expect(row).toMatchObject({
      change: { from: { state: 'off' }, to: { state: 'active', roles: ['auditor'], trained_until: null } },
    });
  });

  it.each<[string, WantedPerson, Principal, [string, RowFaultCode][]]>([
    ['two separate roles', { name: 'Wei', roles: ['admin', 'auditor'] }, ana, [['roles', 'roles_exclude']]],
    [
      'a separate role and a content role',
      { id: ID, roles: ['privacy', 'reviewer'] },
      ana,
      [['roles', 'roles_exclude']],
    ],
    ['an operator', { name: 'Wei', roles: ['operator'] }, ana, [['roles', 'role_of_operators']]],
    ['an uploader', { id: ID, roles: ['uploader'] }, ana, [['roles', 'role_of_services']]],
    ['no role', { id: ID, roles: [] }, ana, [['roles', 'roles_empty']]],
    ['an unknown role', { name: 'Wei', roles: ['boss'] }, ana, [['roles', 'role_unknown']]],
    ['no name', { name: ' ', roles: ['reviewer'] }, ana, [['name', 'name_invalid']]],
    ['a day that does not exist', { id: ID, trained_until: '2027-02-29' }, ana, [['trained_until', 'day_invalid']]],
    ['an unknown person', { id: `${ID.slice(0, -1)}b`, roles: ['reviewer'] }, ana, [['id', 'person_unknown']]],
    ['a service', { id: ID, roles: ['reviewer'] }, { ...ana, kind: 'service' }, [['id', 'person_unknown']]],
    ['what the person has', { id: ID, roles: ['reviewer'], state: 'active' }, ana, [['id', 'unchanged']]],
    ['a deactivated person', { id: ID, roles: ['reviewer'] }, off, [['id', 'person_off']]],
    ['a return without roles', { id: ID, state: 'active' }, off, [['roles', 'roles_missing']]],
  ])('is not possible for %s', (_, wanted, who, faults) => {
    expect(faultsOf([wanted], who)).toEqual(faults.map((fault) => [0, ...fault]));
    expect(planned([wanted], who).rows).toEqual([null]);
  });

  it('is not possible twice for one person, and names each row that has a fault', () => {
    const wanted = [
      { id: ID, roles: ['supervisor'] },
      { name: '', roles: ['operator'] },
      { id: ID, roles: ['admin'] },
    ];
    expect(faultsOf(wanted)).toEqual([
      [1, 'name', 'name_invalid'],
      [1, 'roles', 'role_of_operators'],
      [2, 'id', 'repeated'],
    ]);
  });
});

it('no set of roles joins administration, audit, privacy and content', () => {
  const apart = ['privacy', 'auditor', 'admin'] as const;
  for (let set = 1; set < 1 << ROLES.length; set++) {
    const roles = ROLES.filter((_, n) => (set >> n) & 1);
    const ok = rolesFault('person', roles) === null;
    const separate = roles.filter((role) => (apart as readonly string[]).includes(role)).length;
    const content = roles.filter((role) => role === 'reviewer' || role === 'supervisor').length;
    const outside = roles.length - separate - content;
    expect(ok, roles.join()).toBe(outside === 0 && (separate === 0 || (separate === 1 && content === 0)));
  }
});

it.each([
  ['2027-03-31', true],
  ['2028-02-29', true],
  ['2027-02-29', false],
  ['2027-13-01', false],
  ['2027-3-1', false],
  ['31.03.2027', false],
  ['1999-12-31', false],
  ['2027-03-31T00:00:00Z', false],
])('%s is a day: %s', (text, is) => {
  expect(isTrainingDay(text)).toBe(is);
});

describe('the name of a person', () => {
  it.each([
    ...['Ana', "Zoë O'Neil-Vale", '李晓娜', '何 雨桐', 'Agent 7', '=1+1', 'José', 'علی‌رضا', 'क्‍ष', 'Night shift ❤️‍🔥'],
    ...['葛\u{e0100}城', 'x'.repeat(200)],
  ])('is possible: %j', (name) => {
    expect(isPersonName(name)).toBe(true);
  });

  it.each([
    ...['', ' \u3000', '\u200b', 'x'.repeat(201)],
    ...['Ana\u0000', 'Ana\u001b[31m', 'Ana\nBen', 'Ana\tBen', 'Ana\u0085', 'Ana\u2028Ben'],
    ...['Ana\u200b', 'A\u00adna', 'Ana\u202eneB', '\ufeffAna', 'Ana\u3164', 'Ana\u{e0041}', 'Ana\ud800'],
    ...['Ana\u200d', '\u200cAna', 'Ana \u200d Ben', ' \ufe0fAna', '\ufe0f'],
  ])('is not possible: %j', (name) => {
    expect(isPersonName(name)).toBe(false);
    expect(faultsOf([{ name, roles: ['reviewer'] }])).toEqual([[0, 'name', 'name_invalid']]);
  });
});
