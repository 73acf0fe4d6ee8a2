// A team as the page proposes it: draft, queues, difference, and the queues that lack leads.
import { describe, expect, it } from 'vitest';
import {
  ableToJoin,
  changeOf,
  draftOf,
  isSame,
  queuesFault,
  queuesOf,
  queuesWithFewLeads,
  wantedOf,
} from '../../src/console/pages/teams/wanted.ts';
import type { PersonBody, TeamViewBody } from '../../src/http/reply-types.ts';

const person = (id: string, name: string, roles: readonly string[], more: Partial<PersonBody> = {}) =>
  ({ id, name, roles, kind: 'person', state: 'active', ...more }) as PersonBody;
const PEOPLE = [
  person('usr_3', 'Wei', ['reviewer', 'supervisor']),
  person('usr_1', 'Ana', ['reviewer']),
  person('usr_2', 'Bo', ['supervisor']),
  person('usr_4', 'Cy', ['auditor']),
  person('usr_5', 'Dana', ['reviewer'], { state: 'off' }),
  person('svc_1', 'Desk', ['reviewer'], { kind: 'service' }),
];
const ABLE = ableToJoin(PEOPLE, 'en');
const TEAM = {
  ...{ id: 'tea_1', name: 'QA', created: '2026-11-01T08:00:00Z', version: 3 },
  members: [
    { id: 'usr_1', name: 'Ana', lead: false },
    { id: 'usr_2', name: 'Bo', lead: true },
  ],
  queues: [
    { name: null, leads: 1 },
    { name: 'Sales', leads: 2 },
  ],
} satisfies TeamViewBody;

describe('the people of a team', () => {
  it('are active reviewers and supervisors, by name', () => {
    expect(ABLE.map(({ name }) => name)).toEqual(['Ana', 'Bo', 'Wei']);
  });

  it('lose those who can no longer be a member, and leads who cannot lead', () => {
    const draft = { ...draftOf(TEAM), members: ['usr_1', 'usr_5', 'usr_3'], leads: ['usr_1', 'usr_3', 'usr_2'] };
    expect(wantedOf(draft, TEAM, ABLE)).toMatchObject({ members: ['usr_1', 'usr_3'], leads: ['usr_3'] });
  });
});

describe('the queues of a draft', () => {
  const of = (queues: string, without = false) => ({ queues, without });

  it('are lines, each once whatever its capitals, with calls without a queue first', () => {
    expect(queuesOf(of(' Sales \n\nCare\nsales\n退款', true))).toEqual([null, 'Care', 'Sales', '退款']);
    expect(queuesOf(of(''))).toEqual([]);
  });

  it('are at most 32, the calls without a queue counted, with names of at most 128 characters', () => {
    const lines = Array.from({ length: 32 }, (_, n) => `q${n}`).join('\n');
    expect(queuesFault(of(lines))).toBeNull();
    expect(queuesFault(of(lines, true))).toBe('too_many');
    expect(queuesFault(of('q'.repeat(128)))).toBeNull();
    expect(queuesFault(of('q'.repeat(129)))).toBe('too_long');
  });
});

describe('a proposal', () => {
  it('of an unedited team changes nothing', () => {
    const wanted = wantedOf(draftOf(TEAM), TEAM, ABLE);
    expect(wanted).toEqual({
      ...{ team: 'tea_1', name: 'QA', members: ['usr_1', 'usr_2'], leads: ['usr_2'], queues: [null, 'Sales'] },
    });
    expect(isSame(changeOf(wanted, TEAM, ABLE))).toBe(true);
  });

  it.each([
    ['name', { name: 'QA 2' }],
    ['member', { members: ['usr_2'] }],
    ['lead', { leads: [] }],
    ['queue', { queues: 'Sales\nCare' }],
    ['call without a queue', { without: false }],
  ])('of another %s changes something', (_what, more) => {
    const wanted = wantedOf({ ...draftOf(TEAM), ...more }, TEAM, ABLE);
    expect(isSame(changeOf(wanted, TEAM, ABLE))).toBe(false);
  });

  it('of a new team has no team before', () => {
    const draft = { name: ' QA 3 ', members: ['usr_3'], leads: ['usr_3'], queues: 'Loans', without: false };
    const wanted = wantedOf(draft, null, ABLE);
    expect(wanted).toEqual({ name: 'QA 3', members: ['usr_3'], leads: ['usr_3'], queues: ['Loans'] });
    expect(changeOf(wanted, null, ABLE)).toMatchObject({
      was: null,
      to: { name: 'QA 3', members: [{ id: 'usr_3', name: 'Wei', lead: true }], queues: ['Loans'] },
    });
  });
});

describe('queues with few leads', () => {
  it('are those with none or one, each once, those with none first', () => {
    const other = { queues: [{ name: 'Care', leads: 0 }, { name: 'sales', leads: 2 }, TEAM.queues[0]] };
    expect(queuesWithFewLeads([TEAM, other as Pick<TeamViewBody, 'queues'>])).toEqual([
      { name: 'Care', leads: 0 },
      { name: null, leads: 1 },
    ]);
  });
});
