// The difference of two policies: each line says whether it is stricter, and the checks agree.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordingChecks, requestedScopeChecks } from '../../../src/model/access-checks.ts';
import { passes } from '../../../src/model/check.ts';
import { diffPolicies, type PolicyLine } from '../../../src/model/policy/difference.ts';
import { judgePast } from '../../../src/model/policy/past.ts';
import { defaultPolicy, type Policy, type PurposeRule } from '../../../src/model/policy.ts';
import { anyPast, anyPolicy } from '../../support/policies.ts';

const policy = defaultPolicy(24);

function withRule(members: Partial<PurposeRule>): Policy {
  const { quality } = policy.purposes;
  return { ...policy, purposes: { ...policy.purposes, quality: { ...(quality as PurposeRule), ...members } } };
}

const effectsOf = (lines: readonly PolicyLine[]) => lines.map(({ purpose, name, effect }) => [purpose, name, effect]);

describe('the difference of two policies', () => {
  it('is empty between equal ones, in whatever order their lists are', () => {
    expect(diffPolicies(policy, defaultPolicy(24))).toEqual([]);
    expect(diffPolicies(policy, withRule({ bases: ['legitimate-interest', 'contract', 'consent'] }))).toEqual([]);
  });

  it.each<[Partial<PurposeRule>, PolicyLine['effect']]>([
    [{ bases: ['consent'] }, 'stricter'],
    [{ bases: ['consent', 'contract', 'legitimate-interest', 'legal-obligation'] }, 'looser'],
    [{ bases: ['consent', 'legal-obligation'] }, null],
    [{ approvals: 2 }, 'stricter'],
    [{ otherTeam: true }, 'stricter'],
    [{ roles: ['supervisor'] }, 'stricter'],
    [{ objects: ['transcript'] }, 'stricter'],
    [{ classes: ['normal'] }, 'stricter'],
    [{ longestMinutes: 61 }, 'looser'],
    [{ windowHours: 4 }, 'stricter'],
    [{ windowHours: 24 }, 'looser'],
    [{ extendMinutes: 15 }, 'looser'],
    [{ assignable: true }, 'looser'],
    [{ training: true }, 'stricter'],
    [{ tellAgent: true }, null],
  ])('of a rule that becomes %j is %s, and the other way round', (members, effect) => {
    const [name] = Object.keys(members);
    const opposite = effect === null ? null : effect === 'stricter' ? 'looser' : 'stricter';
    expect(effectsOf(diffPolicies(policy, withRule(members)))).toEqual([['quality', name, effect]]);
    expect(effectsOf(diffPolicies(withRule(members), policy))).toEqual([['quality', name, opposite]]);
  });

  it.each<[Partial<Policy>, PolicyLine['effect']]>([
    [{ scope: 'team' }, 'stricter'],
    [{ approverAgeHours: 23 }, 'looser'],
    [{ requestHours: 24 }, 'stricter'],
    [{ escalateHours: 4 }, 'stricter'],
    [{ uses: 4 }, 'looser'],
    [{ perDay: { sessions: 40, minutes: 180 } }, 'stricter'],
    [{ atOnce: 2 }, 'stricter'],
    [{ pace: 4 }, null],
    [{ pace: 2 }, 'stricter'],
    [{ openRequests: 9 }, 'stricter'],
    [{ hours: { days: ['mon'], from: '08:00', to: '20:00' } }, 'stricter'],
    [{ bulk: 1 }, 'stricter'],
    [{ apiKeyDecisions: true }, 'looser'],
    [{ agentsSee: 'role' }, null],
  ])('of a policy that becomes %j is %s, and the other way round', (members, effect) => {
    const [name] = Object.keys(members);
    const opposite = effect === null ? null : effect === 'stricter' ? 'looser' : 'stricter';
    expect(effectsOf(diffPolicies(policy, { ...policy, ...members }))).toEqual([[null, name, effect]]);
    expect(effectsOf(diffPolicies({ ...policy, ...members }, policy))).toEqual([[null, name, opposite]]);
  });

  it('of daily limits says neither where one part rises and the other falls', () => {
    const limited = (sessions: number, minutes: number): Policy => ({ ...policy, perDay: { sessions, minutes } });
    expect(diffPolicies(limited(40, 180), limited(30, 200))).toMatchObject([{ name: 'perDay', effect: null }]);
    expect(diffPolicies(limited(40, 180), limited(40, 200))).toMatchObject([{ name: 'perDay', effect: 'looser' }]);
  });

  it('of hours says stricter where they are within the others', () => {
    const at = (from: string, to: string): Policy => ({ ...policy, hours: { days: ['mon', 'tue'], from, to } });
    const effect = (one: Policy, other: Policy) => diffPolicies(one, other)[0]?.effect;
    expect(effect(at('08:00', '20:00'), at('09:00', '20:00'))).toBe('stricter');
    expect(effect(at('08:00', '20:00'), at('08:00', '20:01'))).toBe('looser');
    expect(effect(at('08:00', '20:00'), at('09:00', '21:00'))).toBeNull();
    expect(effect(at('08:00', '20:00'), at('20:00', '08:00'))).toBeNull();
  });

  it('names a purpose that is removed or added, with its rule', () => {
    const { quality, ...purposes } = policy.purposes;
    const line = { purpose: 'quality', name: 'purpose' };
    expect(diffPolicies(policy, { ...policy, purposes })).toEqual([
      { ...line, from: quality, to: null, effect: 'stricter' },
    ]);
    expect(diffPolicies({ ...policy, purposes }, policy)).toEqual([
      { ...line, from: null, to: quality, effect: 'looser' },
    ]);
  });

  it('has a line for each member that differs, and turning it round turns each effect', () => {
    const opposite = { stricter: 'looser', looser: 'stricter' } as const;
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (one, other) => {
        const turned = diffPolicies(one, other).map(({ from, to, effect, ...line }) => ({
          ...line,
          ...{ from: to, to: from, effect: effect === null ? null : opposite[effect] },
        }));
        expect(diffPolicies(other, one)).toEqual(turned);
        expect(diffPolicies(one, one)).toEqual([]);
      }),
    );
  });
});

describe('a policy that is stricter in every line', () => {
  /** The policy of these that has the stricter value in every line where they compare. */
  const stricterOf = (one: Policy, other: Policy): Policy => {
    const purposes = Object.entries(one.purposes).flatMap(([purpose, rule]) => {
      const its = other.purposes[purpose as keyof Policy['purposes']];
      if (its === undefined) return [];
      const both = <T>(a: readonly T[], b: readonly T[]): readonly T[] => a.filter((item) => b.includes(item));
      const lists = {
        bases: both(rule.bases, its.bases),
        roles: both(rule.roles, its.roles),
        objects: both(rule.objects, its.objects),
        classes: both(rule.classes, its.classes),
      };
      const approvals = Math.max(rule.approvals, its.approvals);
      const otherTeam = rule.otherTeam || its.otherTeam;
      const longestMinutes = Math.min(rule.longestMinutes, its.longestMinutes);
      return [[purpose, { ...rule, ...lists, approvals, otherTeam, longestMinutes }] as const];
    });
    return {
      ...one,
      purposes: Object.fromEntries(purposes),
      approverAgeHours: Math.max(one.approverAgeHours, other.approverAgeHours),
      ...(one.escalateHours === undefined && other.escalateHours === undefined
        ? {}
        : { escalateHours: Math.max(one.escalateHours ?? 0, other.escalateHours ?? 0) }),
      requestHours: Math.min(one.requestHours, other.requestHours),
      uses: Math.min(one.uses, other.uses),
      apiKeyDecisions: one.apiKeyDecisions && other.apiKeyDecisions,
    };
  };

  it('allows nothing that the other denies, and denies nothing that a looser one denies not', () => {
    let [stricter, denied] = [0, 0];
    fc.assert(
      fc.property(anyPolicy, anyPolicy, anyPast, (one, other, past) => {
        const narrow = stricterOf(one, other);
        for (const { effect } of diffPolicies(one, narrow)) expect(effect).toBe('stricter');
        stricter += diffPolicies(one, narrow).length;
        expect(judgePast(past, one, narrow).verdict).not.toBe('allowed');
        expect(judgePast(past, narrow, one).verdict).not.toBe('denied');
        if (judgePast(past, one, narrow).verdict === 'denied') denied += 1;
        const context = {
          tenant: { state: 'ACTIVE' },
          recording: { state: 'AVAILABLE', quarantine: [], sensitivity: past.sensitivity },
          ...{ basis: past.basis, restricted: past.restricted, person: past.requester },
        } as const;
        const allows = (rules: Policy) =>
          passes([
            ...recordingChecks({ ...context, policy: rules }, past.request.purpose),
            ...requestedScopeChecks(past.request, rules),
          ]);
        if (allows(narrow)) expect(allows(one)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    // The property says something only where policies differ and requests are denied.
    expect(stricter).toBeGreaterThan(3_000);
    expect(denied).toBeGreaterThan(100);
  });
});
