// The effects of a change: the same lines from its proposal and from the events that follow.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalDigest } from '../../../src/bytes/canonical-json.ts';
import { changeEffects, effectLines, plannedEffects, releaseEffect } from '../../../src/model/change/effects.ts';
import type { PeopleBody } from '../../../src/model/change/people.ts';
import { settingsOf } from '../../../src/model/change/settings.ts';
import { firstPolicy } from '../../../src/model/policy.ts';

const policy = firstPolicy(24, false);
const settings = settingsOf(
  { defaultBasis: 'consent', defaultNotice: null, timeZone: null, searchable: [], sources: {} },
  policy,
);
const linesOf = (...planned: Parameters<typeof plannedEffects>) => plannedEffects(...planned).flatMap(effectLines);

describe('the lines of effects', () => {
  it('have the roles, the digest or a dash behind action and id', () => {
    const object = { type: 'person', id: 'usr_a', roles: 'reviewer,supervisor', trained_until: '2027-01-31' };
    expect(effectLines({ action: 'person.added', object })).toEqual(['person.added usr_a reviewer,supervisor']);
    const changed = { id: 'pol_a', from: 'pol_b', sha256: 'aa', change: 'chg_a' };
    expect(effectLines({ action: 'policy.changed', object: changed })).toEqual(['policy.changed pol_a aa']);
    expect(effectLines(releaseEffect('rec_a'))).toEqual(['recording.released rec_a -']);
    const made = { id: 'lnk_a', principal: 'usr_a', sha256: 'aa' };
    expect(effectLines({ action: 'sign_in.link_made', object: made })).toEqual(['sign_in.link_made lnk_a usr_a']);
    const many = { id: 'ten_a', recordings: 'rec_b,rec_a', sha256: 'aa' };
    expect(effectLines({ action: 'hold.covered', object: many })).toEqual([
      ...['hold.covered rec_b -', 'hold.covered rec_a -'],
    ]);
  });

  it('are hashed in order, each with a line feed', () => {
    const effects = [
      { action: 'tenant.changed', object: { id: 'ten_b', sha256: 'aa' } },
      { action: 'person.added', object: { id: 'usr_a', roles: 'reviewer,supervisor' } },
    ];
    const text = 'person.added usr_a reviewer,supervisor\ntenant.changed ten_b aa\n';
    const digest = createHash('sha256').update(text).digest('hex');
    expect([changeEffects(effects), changeEffects(effects.toReversed())]).toEqual([digest, digest]);
  });

  it('are planned for each kind that one transaction applies', () => {
    const to = { state: 'active', roles: ['auditor'], trained_until: '2027-01-31' } as const;
    const people: PeopleBody = {
      ...{ v: 1, kind: 'people', add: [{ id: 'usr_n', name: 'Wei', roles: ['reviewer', 'supervisor'] }] },
      change: [{ id: 'usr_c', from: { ...to, roles: [] }, to }],
    };
    expect(linesOf('ten_a', people, policy)).toEqual([
      ...['person.added usr_n reviewer,supervisor', 'person.changed usr_c auditor'],
    ]);
    const team = { name: 'Cards', members: [{ id: 'usr_n', lead: true }], queues: [null, 'Cards'] };
    expect(linesOf('ten_a', { v: 1, kind: 'team', team: 'tea_a', was: null, to: team }, policy)).toEqual([
      `team.changed tea_a ${canonicalDigest(team)}`,
    ]);
    const body = { v: 1, kind: 'policy', base: 'pol_a', was: policy, policy: 'pol_b', set: policy } as const;
    expect(linesOf('ten_a', body, policy)).toEqual([`policy.changed pol_b ${canonicalDigest(policy)}`]);
    const set = { approver_age_hours: 48, searchable: ['contract'] };
    expect(linesOf('ten_a', { v: 1, kind: 'settings', was: settings, set, policy: 'pol_b' }, policy)).toEqual([
      `tenant.changed ten_a ${canonicalDigest(set)}`,
      `policy.changed pol_b ${canonicalDigest({ ...policy, approverAgeHours: 48 })}`,
    ]);
    const zone = { time_zone: 'Asia/Shanghai' };
    expect(linesOf('ten_a', { v: 1, kind: 'settings', was: settings, set: zone }, policy)).toEqual([
      `tenant.changed ten_a ${canonicalDigest(zone)}`,
    ]);
  });
});
