// Who decides by teams: leads of the queue until the time has passed, and people who share no team with the requester.
import { describe, expect, it } from 'vitest';
import { firstFailure } from '../../../src/model/check.ts';
import { defaultPolicy, type Policy } from '../../../src/model/policy.ts';
import { deciderTeams, teamChecks } from '../../../src/model/team/deciders.ts';
import type { TeamsWithParts } from '../../../src/model/team/team.ts';

const base = { tenant: 'ten_1', mac: null };
const name = Buffer.alloc(0);
const queueOf = (text: string) => Buffer.from(text);
const rows: TeamsWithParts = {
  teams: (['ACTIVE', 'ACTIVE', 'ENDED'] as const).map((state, n) => ({
    ...{ ...base, id: `tea_${n}`, state, version: 1, created: '', name },
  })),
  members: [
    { ...base, team: 'tea_0', person: 'usr_lead', lead: true },
    { ...base, team: 'tea_0', person: 'usr_asks', lead: false },
    { ...base, team: 'tea_1', person: 'usr_member', lead: false },
    { ...base, team: 'tea_2', person: 'usr_past', lead: true },
    { ...base, team: 'tea_2', person: 'usr_asks', lead: false },
  ],
  queues: ['tea_0', 'tea_1', 'tea_2'].map((team) => ({ ...base, team, queue: queueOf('sales'), name })),
};
const { quality } = defaultPolicy(0).purposes;
const policyOf = (more: Partial<Policy>, otherTeam = false): Policy => ({
  ...defaultPolicy(0),
  ...(quality === undefined ? {} : { purposes: { quality: { ...quality, otherTeam } } }),
  ...more,
});
const request = { created: '2026-11-28T08:00:00.000Z', purpose: 'quality' };

describe('the teams of an approver', () => {
  it.each([
    ['usr_lead', 'sales', { leads: true, shares: true }],
    ['usr_lead', 'care', { leads: false, shares: true }],
    ['usr_member', 'sales', { leads: false, shares: false }],
    ['usr_past', 'sales', { leads: false, shares: false }],
    ['usr_none', 'sales', { leads: false, shares: false }],
  ])('say of %s and %s %j', (approver, queue, expected) => {
    expect(deciderTeams(rows, approver, ['usr_asks'], queueOf(queue))).toEqual(expected);
  });

  it('do not lead a queue that is not known', () => {
    expect(deciderTeams(rows, 'usr_lead', ['usr_asks'], null).leads).toBe(false);
  });
});

describe('the checks of teams', () => {
  it.each([
    ['nothing where the policy does not ask', policyOf({}), null, '2026-11-28T08:00:00.000Z', undefined],
    ['a lead', policyOf({ escalateHours: 4 }), { leads: true, shares: true }, '2026-11-28T08:00:00.000Z', undefined],
    [
      'no one else before the time',
      policyOf({ escalateHours: 4 }),
      { leads: false, shares: false },
      '2026-11-28T11:59:59.999Z',
      'not_your_queue',
    ],
    [
      'any then',
      policyOf({ escalateHours: 4 }),
      { leads: false, shares: false },
      '2026-11-28T12:00:00.000Z',
      undefined,
    ],
    ['no teammate', policyOf({}, true), { leads: true, shares: true }, '2026-11-28T12:00:00.000Z', 'same_team'],
    ['no one whose teams are unknown', policyOf({}, true), null, '2026-11-28T12:00:00.000Z', 'same_team'],
    ['nor those', policyOf({ escalateHours: 4 }), null, '2026-11-28T08:00:00.000Z', 'not_your_queue'],
  ])('allow %s', (_, policy, teams, now, code) => {
    expect(firstFailure(teamChecks(request, policy, teams, now))).toBe(code);
  });
});
