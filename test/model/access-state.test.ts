// Access states: the result of each history of requests, and the failing check where no request is possible.
import { describe, expect, it } from 'vitest';
import type { AccessRequest, Grant } from '../../src/model/access.ts';
import type { DecisionContext } from '../../src/model/access-checks.ts';
import { accessStateOf } from '../../src/model/access-state.ts';
import { defaultPolicy } from '../../src/model/policy.ts';
import { accessRequestRow, grant } from '../support/fixture-rows.ts';
import { decisionRow } from '../support/more-fixture-rows.ts';

const NOW = '2026-11-25T12:30:00.000Z';
const at: DecisionContext = {
  tenant: { state: 'ACTIVE' },
  recording: { state: 'AVAILABLE', quarantine: [], sensitivity: 'normal' },
  basis: { kind: 'consent' },
  restricted: false,
  policy: defaultPolicy(0),
  person: { roles: ['reviewer'], trainedUntil: null },
};
const denied = { ...decisionRow, approver: 'usr_s', decision: 'deny' } as const;
const approved = { ...decisionRow, approver: 'usr_s' };
const of = (request: Partial<AccessRequest> | null, given: Partial<Grant> | null = null, context = at) => {
  const row = request === null ? null : { ...accessRequestRow, ...request };
  const decisions = row?.state === 'DENIED' ? [denied] : given === null ? [] : [approved];
  return accessStateOf(
    context,
    { request: row, grant: given === null ? null : { ...grant, ...given }, decisions },
    NOW,
  );
};
const over = { expires: NOW };

describe('an access state', () => {
  it.each([
    [null, null, 'ask'],
    [{}, null, 'pending'],
    [over, null, 'expired'],
    [{ state: 'DENIED' }, null, 'denied'],
    [{ state: 'CANCELLED' }, null, 'cancelled'],
    [{ state: 'EXPIRED' }, null, 'expired'],
    [{ state: 'APPROVED' }, {}, 'listen'],
    [{ state: 'APPROVED' }, over, 'expired'],
    [{ state: 'APPROVED' }, { state: 'EXPIRED' }, 'expired'],
    [{ state: 'APPROVED' }, { state: 'CONSUMED', usesLeft: 0 }, 'used'],
    [{ state: 'APPROVED' }, { state: 'CONSUMED', usesLeft: 0, ...over }, 'expired'],
    [{ state: 'APPROVED' }, { state: 'REVOKED' }, 'revoked'],
  ] as const)('after %j and %j is %s', (request, given, state) => {
    expect(of(request, given)).toMatchObject({ state, code: null });
  });

  it('contains its end, the number of approvals and the decider', () => {
    expect(of({ approvalsNeeded: 2 })).toMatchObject({
      until: accessRequestRow.expires,
      approvals: { given: 0, needed: 2 },
      decidedBy: null,
    });
    const live = of({ state: 'APPROVED' }, {});
    expect(live).toMatchObject({ until: grant.expires, approvals: { given: 1, needed: 1 }, decidedBy: 'usr_s' });
    expect(of({ state: 'DENIED' })).toMatchObject({ decidedBy: 'usr_s', until: null });
    expect(of({ state: 'APPROVED' }, { state: 'REVOKED', revokedBy: 'usr_p' }).decidedBy).toBe('usr_p');
  });

  it.each([
    [{ recording: { state: 'ERASED', quarantine: [], sensitivity: 'normal' } }, 'recording_not_available'],
    [{ recording: { state: 'AVAILABLE', quarantine: ['basis'] } }, 'quarantined'],
    [{ person: { roles: ['auditor'], trainedUntil: null } }, 'role_not_allowed'],
    [{ basis: { kind: 'none' } }, 'basis_insufficient'],
    [{ basis: null }, 'basis_insufficient'],
    [{ policy: { ...defaultPolicy(0), purposes: {} } }, 'purpose_not_allowed'],
  ] as const)('where %j is unavailable: %s', (change, code) => {
    const context = { ...at, ...change } as DecisionContext;
    expect(of(null, null, context)).toMatchObject({ state: 'unavailable', code });
    expect(of({ state: 'DENIED' }, null, context)).toMatchObject({ state: 'unavailable', code });
    expect(of({}, null, context)).toMatchObject({ state: 'pending', code: null });
  });

  it('on a live grant is unavailable where the recording is', () => {
    const context = { ...at, recording: { ...at.recording, quarantine: ['integrity'] } } as DecisionContext;
    const found = of({ state: 'APPROVED' }, {}, context);
    expect(found).toMatchObject({ state: 'unavailable', code: 'quarantined', grant: { id: grant.id } });
  });

  it('of privacy with a recording on no basis is to ask', () => {
    const context = {
      ...at,
      person: { roles: ['privacy'], trainedUntil: null },
      basis: { kind: 'none' },
    } as DecisionContext;
    expect(of(null, null, context).state).toBe('ask');
  });
});
