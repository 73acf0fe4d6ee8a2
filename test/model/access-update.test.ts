// Live updates from events: which events have one, the people they concern, and events that end a credential.
import { describe, expect, it } from 'vitest';
import { accessUpdateOf, endsCredential, isAddressedTo } from '../../src/model/access-update.ts';
import type { Leaf } from '../../src/model/log/leaf.ts';

const leaf = (action: string, object: object, outcome = 'ok') =>
  ({
    v: 1,
    log: 'l',
    seq: 1,
    ts: '',
    actor: { type: 'person', id: 'usr_a' },
    node: 'n',
    action,
    outcome,
    object,
  }) as Leaf;
const asked = { type: 'request', id: 'req_a', recording: 'rec_a' };

describe('an update', () => {
  it.each([
    ['access.requested', { ...asked, purpose: 'quality' }, { type: 'requested', request: 'req_a' }],
    ['access.approved', { ...asked, grant: 'grt_a' }, { type: 'approved', request: 'req_a', grant: 'grt_a' }],
    ['access.denied', asked, { type: 'denied', request: 'req_a' }],
    ['access.cancelled', asked, { type: 'cancelled', request: 'req_a' }],
    ['access.expired', { ...asked, why: 'erased' }, { type: 'expired', request: 'req_a', reason: 'erased' }],
    ['grant.revoked', { ...asked, type: 'grant', id: 'grt_a' }, { type: 'revoked', grant: 'grt_a' }],
    ['grant.expired', { ...asked, type: 'grant', id: 'grt_a' }, { type: 'grant_expired', grant: 'grt_a' }],
    [
      'session.ended',
      { ...asked, type: 'session', id: 'ses_a', grant: 'grt_a', reason: 'revoked', bytes: 7 },
      { type: 'session_ended', session: 'ses_a', grant: 'grt_a', reason: 'revoked' },
    ],
  ])('of %s contains ids and codes only', (action, object, told) => {
    expect(accessUpdateOf(leaf(action, object))).toEqual({ ...told, recording: 'rec_a' });
  });

  it('exists for no other, failed or incomplete event', () => {
    for (const action of ['recording.read', 'session.opened', 'access.read', 'toString', '__proto__'])
      expect(accessUpdateOf(leaf(action, asked))).toBeNull();
    expect(accessUpdateOf(leaf('access.approved', asked, 'refused'))).toBeNull();
    expect(accessUpdateOf(leaf('access.approved', { type: 'request', id: 'req_a', grant: 7 }))).toEqual({
      type: 'approved',
      request: 'req_a',
    });
  });
});

describe('an update concerns', () => {
  const rows = { request: { requester: 'usr_a' }, grant: { person: 'usr_a' }, session: { principal: 'usr_a' } };
  const none = { request: null, grant: null, session: null };
  it.each([
    ['requested', 'usr_a', false, false],
    ['requested', 'usr_a', true, false],
    ['requested', 'usr_b', true, true],
    ['requested', 'usr_b', false, false],
    ['denied', 'usr_a', false, true],
    ['denied', 'usr_b', true, true],
    ['denied', 'usr_b', false, false],
    ['revoked', 'usr_a', false, true],
    ['session_ended', 'usr_a', false, true],
    ['session_ended', 'usr_b', true, false],
  ] as const)('%s: %s, who decides %s: %s', (type, person, decides, told) => {
    expect(isAddressedTo({ type }, rows, person, decides)).toBe(told);
  });

  it('only people who decide where its rows are missing', () => {
    for (const type of ['approved', 'revoked', 'session_ended'] as const)
      expect(isAddressedTo({ type }, none, 'usr_a', false)).toBe(false);
  });
});

it('a credential ends with its own sign-in or key, and with its tenant', () => {
  const signIn = { id: 'sgn_a', authTime: '', authMethod: 'link' } as const;
  const ends = (action: string, id: string, by: object, outcome = 'ok') =>
    endsCredential(leaf(action, { type: 'x', id }, outcome), by);
  expect(ends('sign_in.ended', 'sgn_a', { signIn })).toBe(true);
  expect(ends('sign_in.ended', 'sgn_b', { signIn })).toBe(false);
  expect(ends('sign_in.ended', 'sgn_a', { apiKey: 'key_a' })).toBe(false);
  expect(ends('api_key.revoked', 'key_a', { apiKey: 'key_a' })).toBe(true);
  expect(ends('api_key.revoked', 'key_a', { signIn })).toBe(false);
  expect(ends('tenant.suspended', 'ten_a', { signIn })).toBe(true);
  expect(ends('tenant.suspended', 'ten_a', { signIn }, 'refused')).toBe(false);
});
