// The policy decision: each check alone denies it, and identities include the owners of services.
import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../src/model/access.ts';
import { approverChecks, grantChecks, recordingChecks, requestedScopeChecks } from '../../src/model/access-checks.ts';
import { firstFailure, passes, untilFailure } from '../../src/model/check.ts';
import { defaultPolicy } from '../../src/model/policy.ts';
import type { Principal, Role } from '../../src/model/principal.ts';

const policy = defaultPolicy(24, true);
const tenant = { state: 'ACTIVE' } as const;
const there = { state: 'AVAILABLE', quarantine: [], sensitivity: 'normal' } as const;
const consent = { kind: 'consent' } as const;
const UNDECIDED = { confirmed: null, decided: false, teams: null } as const;

function person(
  id: string,
  roles: readonly Role[],
  created = '2026-11-01T00:00:00.000Z',
  more: Partial<Principal> = {},
): Principal {
  const row = {
    tenant: 'ten_1',
    id,
    kind: 'person',
    state: 'ACTIVE',
    version: 1,
    created,
    roles,
    owners: [],
    first: false,
    approvingSince: null,
    trainedUntil: null,
  } as const;
  return { ...row, leafIndex: null, name: Buffer.alloc(0), mac: null, ...more };
}

const request: AccessRequest = {
  tenant: 'ten_1',
  id: 'req_1',
  recording: 'rec_1',
  requester: 'usr_r',
  purpose: 'quality',
  objects: ['audio'],
  minutes: 15,
  state: 'REQUESTED',
  version: 1,
  created: '2026-11-25T09:00:00.000Z',
  expires: '2026-11-28T09:00:00.000Z',
  approvalsNeeded: 1,
  policy: 'pol_1',
  words: Buffer.alloc(0),
  mac: null,
};

describe('the recording’s side of a decision', () => {
  it.each([
    ['passes as it should be', tenant, there, consent, 'quality', ['reviewer'], undefined],
    [
      'stops for a suspended tenant',
      { state: 'SUSPENDED' } as const,
      there,
      consent,
      'quality',
      ['reviewer'],
      'tenant_suspended',
    ],
    [
      'stops before the recording is there',
      tenant,
      { ...there, state: 'EXPECTED' } as const,
      consent,
      'quality',
      ['reviewer'],
      'recording_not_available',
    ],
    [
      'stops in quarantine',
      tenant,
      { ...there, quarantine: ['integrity'] },
      consent,
      'quality',
      ['reviewer'],
      'quarantined',
    ],
    [
      'stops privacy in another quarantine than basis',
      tenant,
      { ...there, quarantine: ['basis', 'integrity'] },
      consent,
      'complaint',
      ['privacy'],
      'quarantined',
    ],
    [
      'lets privacy into quarantine by basis',
      tenant,
      { ...there, quarantine: ['basis'], sensitivity: 'normal' },
      { kind: 'none' } as const,
      'subject-request',
      ['privacy'],
      undefined,
    ],
    ['stops for an unknown purpose', tenant, there, consent, 'curiosity', ['reviewer'], 'purpose_not_allowed'],
    ['stops for a purpose of another role', tenant, there, consent, 'legal', ['reviewer'], 'role_not_allowed'],
    [
      'stops where the basis does not cover the purpose',
      tenant,
      there,
      { kind: 'contract' } as const,
      'training',
      ['reviewer'],
      'basis_insufficient',
    ],
  ] as const)('%s', (_name, who, recording, basis, purpose, roles, code) => {
    const person = { roles, trainedUntil: null };
    const context = { tenant: who, recording, basis, restricted: false, policy, person };
    expect(firstFailure(recordingChecks(context, purpose))).toBe(code);
  });
});

describe('a request', () => {
  it('must keep to the purpose’s objects and length', () => {
    expect(passes(requestedScopeChecks({ purpose: 'quality', objects: ['audio'], minutes: 60 }, policy))).toBe(true);
    expect(firstFailure(requestedScopeChecks({ purpose: 'quality', objects: ['audio'], minutes: 61 }, policy))).toBe(
      'too_long',
    );
    expect(firstFailure(requestedScopeChecks({ purpose: 'quality', objects: [], minutes: 5 }, policy))).toBe(
      'objects_not_allowed',
    );
    expect(firstFailure(requestedScopeChecks({ purpose: 'quality', objects: ['export'], minutes: 5 }, policy))).toBe(
      'objects_not_allowed',
    );
  });
});

describe('an approver', () => {
  const byKey = { auth: 'api-key', scopes: ['decide'] } as const;
  const requester = person('usr_r', ['reviewer']);
  const now = '2026-11-25T09:30:00.000Z';
  const verdict = (approver: Principal, asked = request, asker = requester, by = byKey as never, rules = policy) =>
    firstFailure(approverChecks(asked, asker, approver, by, rules, now, UNDECIDED));

  it('is another person, old enough, a supervisor, and has stepped up', () => {
    expect(verdict(person('usr_s', ['supervisor']))).toBeUndefined();
    expect(verdict(person('usr_r', ['reviewer', 'supervisor']))).toBe('own_request');
    expect(verdict(person('usr_s', ['reviewer']))).toBe('role_not_allowed');
    expect(verdict(person('usr_s', ['supervisor'], '2026-11-25T09:00:00.000Z'))).toBe('account_too_young');
    expect(verdict(person('usr_s', ['supervisor']), request, requester, { auth: 'api-key', scopes: [] } as never)).toBe(
      'step_up_required',
    );
  });

  it('decides once, whatever else is right: two approvals are of two people', () => {
    const again = { ...UNDECIDED, decided: true };
    const checks = approverChecks(request, requester, person('usr_s', ['supervisor']), byKey, policy, now, again);
    expect(firstFailure(checks)).toBe('decided_before');
  });

  it('who was named when the tenant was created skips the account age', () => {
    const created = '2026-11-25T09:29:59.000Z';
    expect(verdict(person('usr_s', ['supervisor'], created))).toBe('account_too_young');
    expect(verdict(person('usr_s', ['supervisor'], created, { first: true }))).toBeUndefined();
    // Of a person whom a change made an approver, neither an old account nor the tenant's start counts.
    for (const first of [true, false]) {
      const made = { first, approvingSince: created };
      expect(verdict(person('usr_s', ['supervisor'], '2026-01-01T00:00:00.000Z', made))).toBe('account_too_young');
    }
    expect(verdict(person('usr_r', ['supervisor'], created, { first: true }))).toBe('own_request');
  });

  it('decides with an API key only where the policy allows it', () => {
    const decide = (rules: typeof policy) =>
      verdict(person('usr_s', ['supervisor']), request, requester, byKey as never, rules);
    expect(decide(defaultPolicy(24))).toBe('api_key_decisions_off');
    expect(decide(defaultPolicy(24, true))).toBeUndefined();
  });

  it('is not the owner of the service that asks, and never a service', () => {
    const service = person('svc_1', ['uploader'], undefined, { kind: 'service', owners: ['usr_a', 'usr_s'] });
    expect(verdict(person('usr_s', ['supervisor']), request, service)).toBe('own_request');
    expect(verdict(person('svc_2', ['supervisor'], undefined, { kind: 'service', owners: ['usr_z'] }))).toBe(
      'service_never_approves',
    );
  });

  it('decides on open requests only', () => {
    expect(verdict(person('usr_s', ['supervisor']), { ...request, state: 'DENIED' })).toBe('request_not_open');
    expect(verdict(person('usr_s', ['supervisor']), { ...request, expires: now })).toBe('request_expired');
  });
});

describe('a grant', () => {
  const grant = { state: 'APPROVED', expires: '2026-11-25T10:00:00.000Z', person: 'usr_r' } as const;
  const holder = person('usr_r', ['reviewer']);
  it('is live for its person until it expires or is revoked', () => {
    expect(passes(grantChecks(grant, holder, '2026-11-25T09:59:59.999Z'))).toBe(true);
    expect(firstFailure(grantChecks(grant, holder, grant.expires))).toBe('grant_expired');
    expect(firstFailure(grantChecks({ ...grant, state: 'REVOKED' }, holder, '2026-11-25T09:00:00.000Z'))).toBe(
      'grant_revoked',
    );
    expect(firstFailure(grantChecks(grant, person('usr_x', ['reviewer']), '2026-11-25T09:00:00.000Z'))).toBe(
      'not_your_grant',
    );
    expect(firstFailure(grantChecks(grant, { ...holder, state: 'OFF' }, '2026-11-25T09:00:00.000Z'))).toBe(
      'person_off',
    );
  });
});

describe('the checks of an answer', () => {
  const quarantined = { state: 'AVAILABLE', quarantine: ['basis'], sensitivity: 'normal' } as const;
  const at = {
    tenant,
    recording: quarantined,
    basis: { kind: 'none' },
    ...{ restricted: false, policy },
    person: { roles: ['reviewer'], trainedUntil: null },
  } as const;

  it('deny recordings of a class that the purpose does not allow, and say nothing of classes where all are allowed', () => {
    const { quality } = policy.purposes;
    if (quality === undefined) throw new Error('the policy has the purpose');
    const normal = { ...policy, purposes: { quality: { ...quality, classes: ['normal'] } } } as const;
    const separate = { kind: 'consent', separate: true } as const;
    const context = { ...at, recording: there, basis: separate, policy: normal } as const;
    expect(firstFailure(recordingChecks(context, 'quality'))).toBeUndefined();
    const sensitive = { ...context, recording: { ...there, sensitivity: 'sensitive' } } as const;
    expect(firstFailure(recordingChecks(sensitive, 'quality'))).toBe('class_not_allowed');
    expect(recordingChecks({ ...sensitive, policy }, 'quality').map(({ check }) => check)).not.toContain(
      'class-allowed',
    );
    expect(firstFailure(recordingChecks({ ...sensitive, policy }, 'quality'))).toBeUndefined();
  });

  it('reveal nothing behind the first failed check', () => {
    const checks = recordingChecks(at, 'quality');
    expect(checks.filter(({ ok }) => ok === true).length).toBeGreaterThan(2);
    expect(untilFailure(checks)).toEqual([
      { check: 'tenant-active', ok: true },
      { check: 'recording-available', ok: true },
      { check: 'not-quarantined', ok: false, code: 'quarantined' },
      { check: 'purpose-known', ok: null },
      { check: 'role-fits-purpose', ok: null },
      { check: 'basis-covers-purpose', ok: null },
    ]);
    expect(firstFailure(untilFailure(checks))).toBe(firstFailure(checks));
  });

  it('are complete when all passed', () => {
    const checks = recordingChecks({ ...at, recording: there, basis: consent }, 'quality');
    expect(passes(checks)).toBe(true);
    expect(untilFailure(checks)).toEqual(checks);
  });
});
