// Consent in decisions: withdrawn, missing its separate part, and restricted recordings.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type DecisionContext, decidingFacts, recordingChecks } from '../../src/model/access-checks.ts';
import { type Basis, withdrawnAfter } from '../../src/model/basis.ts';
import { firstFailure } from '../../src/model/check.ts';
import { withdrawnBy } from '../../src/model/consent.ts';
import { defaultPolicy, firstPolicy, PURPOSES, weakConsentIn } from '../../src/model/policy.ts';

const at: DecisionContext = {
  tenant: { state: 'ACTIVE' },
  recording: { state: 'AVAILABLE', quarantine: [], sensitivity: 'normal' },
  basis: { kind: 'consent' },
  restricted: false,
  policy: defaultPolicy(0),
  person: { roles: ['reviewer', 'supervisor', 'privacy'], trainedUntil: null },
};
const codesOf = (context: DecisionContext) =>
  Object.fromEntries(PURPOSES.map((purpose) => [purpose, firstFailure(recordingChecks(context, purpose)) ?? null]));
const withdrawn = (purposes: readonly string[], basis: Partial<Basis> = {}) => ({
  ...at,
  basis: { kind: 'consent' as const, withdrawn: { at: '2026-11-20T00:00:00.000Z', purposes }, ...basis },
});
const all = (code: string | null) => ({ quality: code, training: code, complaint: code, dispute: code });
const FREE = { legal: null, 'subject-request': null };

describe('the checks of consent', () => {
  it('leave legal and subject-request alone where consent was withdrawn for all purposes', () => {
    expect(codesOf(withdrawn([]))).toEqual({ ...all('consent_withdrawn'), ...FREE });
  });

  it('deny the purposes that a withdrawal names, and never those that need no consent', () => {
    expect(codesOf(withdrawn(['legal', 'training']))).toEqual({ ...all(null), training: 'consent_withdrawn', ...FREE });
  });

  it('count the consent that the policy asks for', () => {
    const notice = { id: 'ntc_1', version: 1 };
    const bases = {
      stated: { kind: 'consent', notice },
      noticed: { kind: 'consent', notice, defaulted: true },
      defaulted: { kind: 'consent', defaulted: true },
      unknown: { kind: 'consent', notice, notice_unknown: true },
      contract: { kind: 'contract', defaulted: true },
    } as const;
    const codes = (policy: DecisionContext['policy']) =>
      Object.values(bases).map((basis) => firstFailure(recordingChecks({ ...at, basis, policy }, 'quality')) ?? null);
    const [no, without] = ['consent_not_stated', 'notice_unknown'];
    expect(codes(defaultPolicy(0))).toEqual([null, no, no, without, null]);
    expect(codes(defaultPolicy(0, false, 'noticed'))).toEqual([null, null, 'consent_not_noticed', without, null]);
    expect(codes(defaultPolicy(0, false, 'any'))).toEqual([null, null, null, null, null]);
    // Policies from before there was a choice.
    expect(codes(firstPolicy(0, false))).toEqual([null, null, null, null, null]);
    expect(weakConsentIn(firstPolicy(0, false))).toEqual(['quality', 'training']);
    expect(weakConsentIn(defaultPolicy(0))).toEqual([]);
  });

  it('say basis_insufficient where the purpose would not accept consent at all', () => {
    const { quality } = at.policy.purposes;
    if (quality === undefined) throw new Error('the policy has the purpose');
    const purposes = { ...at.policy.purposes, quality: { ...quality, bases: ['contract' as const] } };
    const checks = recordingChecks({ ...withdrawn([]), policy: { ...at.policy, purposes } }, 'quality');
    expect(firstFailure(checks)).toBe('basis_insufficient');
  });

  it('ask sensitive recordings on consent for separate consent', () => {
    const sensitive = { ...at, recording: { ...at.recording, sensitivity: 'sensitive' } };
    expect(codesOf(sensitive)).toEqual({ ...all('separate_consent_missing'), ...FREE });
    expect(codesOf({ ...sensitive, basis: { kind: 'consent', separate: false } })).toEqual(codesOf(sensitive));
    expect(codesOf({ ...sensitive, basis: { kind: 'consent', separate: true } })).toEqual({ ...all(null), ...FREE });
    expect(firstFailure(recordingChecks({ ...sensitive, basis: { kind: 'contract' } }, 'quality'))).toBeUndefined();
  });

  it('leave legal and subject-request alone where the recording is restricted, whatever its basis', () => {
    const facts = { basis: { kind: 'contract' as const }, restricted: { at: '2026-11-20T00:00:00.000Z' } };
    expect(codesOf({ ...at, ...decidingFacts(facts) })).toEqual({ ...all('restricted'), ...FREE });
    expect(recordingChecks(at, 'quality').map(({ check }) => check)).not.toContain('not-restricted');
  });
});

describe('withdrawals that reach a call', () => {
  const [early, later, last] = ['2026-11-20', '2026-11-21', '2026-11-22'].map((day) => `${day}T00:00:00.000Z`) as [
    string,
    string,
    string,
  ];
  const person = newId('usr');
  const all = { at: later, purposes: [] };
  it.each([
    ['take consent that a platform gave, whatever time it says', { kind: 'consent', at: last }, null, all],
    ['take consent that a person recorded as given before', { kind: 'consent', at: early }, person, all],
    ['take consent that a person recorded without a time', { kind: 'consent' }, person, all],
    ['leave consent that a person recorded as given after', { kind: 'consent', at: last }, person, null],
    [
      'add to what was withdrawn, whoever set it',
      { kind: 'consent', at: last, withdrawn: { at: early, purposes: ['quality'] } },
      person,
      all,
    ],
    ['leave what says so already', { kind: 'consent', withdrawn: { at: early, purposes: [] } }, null, null],
    ['leave another basis', { kind: 'contract' }, null, null],
  ])('%s', (_name, basis, setBy, after) => {
    expect(withdrawnBy(basis, setBy, [all])).toEqual(after);
    expect(withdrawnBy(basis, setBy, [])).toBeNull();
  });
});

describe('a further withdrawal', () => {
  const [first, later] = ['2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z'];
  it.each([
    ['begins one', undefined, ['training', 'quality'], { at: later, purposes: ['quality', 'training'] }],
    ['adds purposes', ['quality'], ['training'], { at: later, purposes: ['quality', 'training'] }],
    ['widens it to all', ['quality'], [], { at: later, purposes: [] }],
    ['changes nothing where all are withdrawn', [], ['quality'], { at: first, purposes: [] }],
    [
      'changes nothing where it names no other',
      ['quality', 'training'],
      ['training'],
      { at: first, purposes: ['quality', 'training'] },
    ],
  ])('%s', (_name, before, purposes, after) => {
    const known = before === undefined ? undefined : { at: first, purposes: before };
    expect(withdrawnAfter(known, { at: later, purposes })).toEqual(after);
  });
});
