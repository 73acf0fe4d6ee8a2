// Past requests asked again under another policy: which of its lines denies them.
import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../src/model/access.ts';
import { judgePast, type PastRequest } from '../../../src/model/policy/past.ts';
import { defaultPolicy, type Policy, type PurposeRule } from '../../../src/model/policy.ts';
import type { Principal, Role } from '../../../src/model/principal.ts';

function person(id: string, roles: readonly Role[], created: string): Principal {
  const row = { tenant: 'ten_1', id, kind: 'person', state: 'OFF', version: 1, owners: [], first: false } as const;
  return {
    ...row,
    roles,
    created,
    approvingSince: null,
    trainedUntil: null,
    leafIndex: null,
    name: Buffer.alloc(0),
    mac: null,
  };
}

const request: AccessRequest = {
  ...{ tenant: 'ten_1', id: 'req_1', recording: 'rec_1', requester: 'usr_r', purpose: 'quality', objects: ['audio'] },
  ...{ minutes: 45, state: 'APPROVED', version: 2, created: '2026-11-10T09:00:00.000Z', approvalsNeeded: 1 },
  ...{ expires: '2026-11-13T09:00:00.000Z', policy: 'pol_1', words: Buffer.alloc(0), mac: null },
};
const past: PastRequest = {
  request,
  requester: person('usr_r', ['reviewer'], '2026-10-01T00:00:00.000Z'),
  sensitivity: 'sensitive',
  basis: { kind: 'contract' },
  restricted: false,
  approvals: [
    {
      approver: person('usr_s', ['supervisor'], '2026-11-09T09:00:00.000Z'),
      ...{ teams: { leads: false, shares: true }, at: '2026-11-11T09:00:00.000Z' },
    },
  ],
  opened: 2,
};
const policy = defaultPolicy(24);

const withRule = (members: Partial<PurposeRule>): Policy => ({
  ...policy,
  purposes: { ...policy.purposes, quality: { ...(policy.purposes.quality as PurposeRule), ...members } },
});

describe('a past request', () => {
  it('is the same under the policy that allowed it, though its people have left since', () => {
    expect(judgePast(past, policy, policy)).toEqual({ verdict: 'same', code: null });
    expect(judgePast(past, policy, withRule({ longestMinutes: 45 }))).toEqual({ verdict: 'same', code: null });
  });

  it.each<[string, Policy, string]>([
    ['without its purpose', { ...policy, purposes: {} }, 'purpose_not_allowed'],
    ['for other roles', withRule({ roles: ['supervisor'] }), 'role_not_allowed'],
    ['on another basis', withRule({ bases: ['consent'] }), 'basis_insufficient'],
    ['of normal recordings only', withRule({ classes: ['normal'] }), 'class_not_allowed'],
    ['of transcripts only', withRule({ objects: ['transcript'] }), 'objects_not_allowed'],
    ['of fewer minutes', withRule({ longestMinutes: 44 }), 'too_long'],
    ['with two approvals', withRule({ approvals: 2 }), 'approval_pending'],
    ['with older approvers', { ...policy, approverAgeHours: 49 }, 'account_too_young'],
    ['decided sooner', { ...policy, requestHours: 24 }, 'request_expired'],
    ['of other teams', withRule({ otherTeam: true }), 'same_team'],
    ['in which leads decide for longer', { ...policy, escalateHours: 25 }, 'not_your_queue'],
    ['with one session', { ...policy, uses: 1 }, 'grant_consumed'],
  ])('is denied under a policy %s, and allowed the other way round', (_, other, code) => {
    expect(judgePast(past, policy, other)).toEqual({ verdict: 'denied', code });
    expect(judgePast(past, other, policy)).toEqual({ verdict: 'allowed', code });
  });

  it('of a recording that was erased since is judged by all but its basis', () => {
    const erased = { ...past, basis: null };
    expect(judgePast(erased, policy, withRule({ bases: ['consent'] })).verdict).toBe('same');
    expect(judgePast(erased, policy, withRule({ longestMinutes: 1 }))).toEqual({ verdict: 'denied', code: 'too_long' });
  });
});
