// Changes: their states, their digests, and who may decide.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CHANGE_STATES, type Change, canBecome, PREVIEW_MS } from '../../../src/model/change/change.ts';
import { approvalChecks, type ChangeContext, refusalChecks, signingChecks } from '../../../src/model/change/checks.ts';
import { changeBase } from '../../../src/model/change/digests.ts';
import { firstFailure } from '../../../src/model/check.ts';
import type { Principal, Role } from '../../../src/model/principal.ts';

const NOW = '2026-11-28T12:00:00.000Z';
const ago = (milliseconds: number): string => new Date(Date.parse(NOW) - milliseconds).toISOString();

const change: Change = {
  tenant: 'ten_1',
  id: 'chg_1',
  kind: 'settings',
  state: 'OPEN',
  version: 1,
  base: 'base',
  body: Buffer.alloc(0),
  preview: null,
  effects: 'effects',
  note: Buffer.alloc(0),
  proposer: 'usr_p',
  byCommand: false,
  opened: ago(3_600_000),
  expires: ago(-3_600_000),
  decider: null,
  decided: null,
  reason: null,
  leafIndex: 7,
  leafHash: Buffer.alloc(32),
  signed: ago(3_000_000),
  mac: null,
};

function person(id: string, roles: readonly Role[], more: Partial<Principal> = {}): Principal {
  const row = { tenant: 'ten_1', id, kind: 'person', state: 'ACTIVE', version: 1, created: NOW, roles } as const;
  const rest = { owners: [], first: false, approvingSince: null, trainedUntil: null };
  return { ...row, ...rest, leafIndex: null, name: Buffer.alloc(0), mac: null, ...more };
}

const fresh = { id: 'sgn_1', authTime: ago(60_000), authMethod: 'passkey' } as const;
const context: ChangeContext = {
  change,
  base: 'base',
  previewed: null,
  person: person('usr_a', ['admin']),
  operator: null,
  adminConfirms: true,
  operatorsSign: false,
  ownRow: false,
  isSigned: true,
  by: { auth: 'sign-in', signIn: fresh },
  now: NOW,
};
const byCommand = { ...change, proposer: 'night-shift', byCommand: true, signed: null };
const operator = person('usr_o', ['operator'], { tenant: 'deployment' });

describe('the states of a change', () => {
  it('end once and for all, and only an open change can be approved', () => {
    const ends = CHANGE_STATES.filter((from) => CHANGE_STATES.every((to) => !canBecome(from, to)));
    expect(ends).toEqual(['APPLIED', 'REFUSED', 'WITHDRAWN', 'EXPIRED']);
    expect(CHANGE_STATES.filter((from) => canBecome(from, 'APPROVED'))).toEqual(['OPEN']);
    expect(CHANGE_STATES.filter((from) => canBecome(from, 'APPLIED'))).toEqual(['APPROVED']);
    expect(CHANGE_STATES.filter((from) => canBecome(from, 'EXPIRED'))).toEqual(['PREVIEWING', 'OPEN', 'APPROVED']);
  });
});

describe('the digests of a change', () => {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');

  it('are of sorted lines, each with a line feed', () => {
    const rows = [
      { id: 'ten_b', version: 12 },
      { id: 'pol_a', version: 1 },
    ];
    expect(changeBase(rows)).toBe(hash('pol_a 1\nten_b 12\n'));
    expect(changeBase([...rows].reverse())).toBe(changeBase(rows));
  });
});

describe('an approval of a change', () => {
  it.each<readonly [string, Partial<ChangeContext>, string | undefined]>([
    ['passes for an admin', {}, undefined],
    ['passes for another privacy officer', { person: person('usr_b', ['privacy']) }, undefined],
    ['stops once the change was decided', { change: { ...change, state: 'APPLIED' } }, 'change_not_open'],
    ['stops while the preview is being counted', { change: { ...change, state: 'PREVIEWING' } }, 'change_not_open'],
    ['stops at the end, before the round that expires it', { change: { ...change, expires: NOW } }, 'change_expired'],
    ['stops where something it builds on has changed', { base: 'other' }, 'change_stale'],
    ['stops with an old preview', { previewed: ago(PREVIEW_MS) }, 'preview_stale'],
    ['passes with a new preview', { previewed: ago(PREVIEW_MS - 1) }, undefined],
    ['stops for the proposer', { person: person('usr_p', ['privacy']) }, 'own_change'],
    ['stops for a person without the role', { person: person('usr_b', ['supervisor']) }, 'role_needed'],
    ['stops for a deactivated person', { person: person('usr_b', ['admin'], { state: 'OFF' }) }, 'person_off'],
    ['stops for a service', { person: person('svc_b', ['admin'], { kind: 'service' }) }, 'service_never_approves'],
    ['stops for an operator', { person: operator, operator: 'day-shift' }, 'admin_confirms'],
    ['stops for an API key', { by: { auth: 'api-key' } }, 'step_up_required'],
    ['stops without a signature', { isSigned: false }, 'step_up_required'],
    ['stops until the proposer has signed', { change: { ...change, signed: null } }, 'change_unsigned'],
    [
      'stops for a change of an older version, which no one can sign',
      { change: { ...change, leafIndex: null, leafHash: null } },
      'change_unsigned',
    ],
  ])('%s', (_what, more, code) => {
    expect(firstFailure(approvalChecks({ ...context, ...more }))).toBe(code);
  });

  const alone = { change: byCommand, adminConfirms: false, person: operator };

  it.each<readonly [string, Partial<ChangeContext>, string | undefined]>([
    ['passes for the tenant’s admin', { change: byCommand }, undefined],
    ['stops for a privacy officer', { change: byCommand, person: person('usr_b', ['privacy']) }, 'role_needed'],
    [
      'stops for an operator while an admin can',
      { ...alone, adminConfirms: true, operator: 'day-shift' },
      'admin_confirms',
    ],
    ['passes for another operator where no admin can', { ...alone, operator: 'day-shift' }, undefined],
    ['stops until its operator signs', { change: byCommand, operatorsSign: true }, 'change_unsigned'],
    ['passes once its operator signed', { change: { ...byCommand, signed: NOW }, operatorsSign: true }, undefined],
    ['stops for the operator who proposed', { ...alone, operator: 'night-shift' }, 'own_change'],
  ])('of a command %s', (_what, more, code) => {
    expect(firstFailure(approvalChecks({ ...context, ...more }))).toBe(code);
  });

  it('of a command of an older version stops too', () => {
    const older = { ...context, change: { ...byCommand, leafIndex: null, leafHash: null } };
    expect(firstFailure(approvalChecks(older))).toBe('change_unsigned');
  });

  it('can be rejected although it is stale', () => {
    const stale = { ...context, base: 'other', previewed: ago(PREVIEW_MS * 2) };
    expect(firstFailure(refusalChecks(stale))).toBeUndefined();
    expect(firstFailure(refusalChecks({ ...stale, person: person('usr_p', ['privacy']) }))).toBe('own_change');
    expect(firstFailure(refusalChecks({ ...stale, change: { ...change, state: 'REFUSED' } }))).toBe('change_not_open');
  });

  it.each<readonly [string, Partial<ChangeContext>]>([
    ['an API key', { by: { auth: 'api-key' } }],
    ['a sign-in by link', { by: { auth: 'sign-in', signIn: { ...fresh, authMethod: 'link' } } }],
    ['five minutes after the passkey', { by: { auth: 'sign-in', signIn: { ...fresh, authTime: ago(300_000) } } }],
  ])('is not rejected by %s', (_what, more) => {
    expect(firstFailure(refusalChecks({ ...context, ...more }))).toBe('step_up_required');
  });
});

describe('the proposer’s signature', () => {
  const unsigned = { ...change, signed: null };
  it.each<readonly [string, Partial<Change>, string | undefined]>([
    ['is given once', {}, undefined],
    ['is not given again', { signed: NOW }, 'change_signed'],
    ['is not given once the change was decided', { state: 'WITHDRAWN' }, 'change_not_open'],
    ['is not given once the change expired', { expires: NOW }, 'change_expired'],
    ['is not given without a leaf', { leafHash: null }, 'change_signed'],
  ])('%s', (_what, more, code) => {
    expect(firstFailure(signingChecks({ ...unsigned, ...more }, NOW))).toBe(code);
  });
});
