// The part of the log's check that follows versions of the policy: in force, with the digest that the log names, kept.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { createLogCheck } from '../../../src/model/log/check.ts';
import { defaultPolicy, firstPolicy } from '../../../src/model/policy.ts';
import { proofCrypto } from '../../../src/vault/core/proofs/proof-crypto.ts';
import * as log from '../../support/planted-logs.ts';

const FIRST = defaultPolicy(0, true);
const quality = { ...FIRST.purposes.quality, approvals: 2, longestMinutes: 10, extendMinutes: 0, windowHours: 1 };
const SECOND = { ...FIRST, approverAgeHours: 24, uses: 1, purposes: { quality } };
const bodies = new Map([
  ['pol_1', Buffer.from(JSON.stringify(FIRST))],
  ['pol_2', Buffer.from(JSON.stringify(SECOND))],
]);
const digest = (id: string) =>
  createHash('sha256')
    .update(bodies.get(id) ?? '')
    .digest('hex');

const { but } = log;
const created = but(log.created, { policy: 'pol_1', sha256: digest('pol_1'), authority: undefined });
const described = [log.serviceAdded, log.described];
const changed: log.Told = {
  ...log.created,
  action: 'policy.changed',
  object: { type: 'policy', id: 'pol_2', from: 'pol_1', sha256: digest('pol_2') },
};
const asked = but(log.asked, { policy: 'pol_1', purpose: 'quality' });
const askedBoth = but(asked, { policy: 'pol_2', approvals: 2, minutes: 10 });
const approved = but(log.approved, { uses: 3, objects: 'audio' });
const opened = but(log.opened, { policy: 'pol_1', purpose: 'quality' });
const assigned = but(log.assignedGrant, { purpose: 'quality', objects: 'audio', uses: 3 });

/** What the check finds of these events, a second apart; those after the change an hour later. */
function codesOf(told: readonly log.Told[], policies = (id: string) => bodies.get(id) ?? null): readonly string[] {
  const at = told.findIndex(({ action }) => action === 'policy.changed');
  const time = (n: number) => `2026-11-25T${at >= 0 && n > at ? '10' : '09'}:00:${String(n).padStart(2, '0')}.000Z`;
  const check = createLogCheck(log.NAME, 'whole', { ...proofCrypto, url: 'https://vault.example' }, { policies });
  for (const event of log.logOf(
    told,
    told.map((_event, n) => time(n)),
  ))
    check.add(event, leafHash(event.leaf));
  return check.checked().findings.map(({ code }) => code);
}

describe('the check of policies', () => {
  it('finds nothing in what the policy in force allows, with its texts and without', () => {
    const good = [created, ...described, asked, approved, opened, log.ended, changed, but(askedBoth, { id: 'req_2' })];
    expect(codesOf(good)).toEqual([]);
    expect(codesOf(good, () => null)).toEqual([]);
    // An older log names none when it begins.
    expect(codesOf([but(created, { policy: undefined, sha256: undefined }), ...good.slice(1)])).toEqual([]);
  });

  it.each([
    ['a request under a version that does not exist', [created, ...described, but(asked, { policy: 'pol_3' })]],
    ['a request under a version that was replaced', [created, ...described, changed, asked]],
    [
      'a session under a version that does not exist',
      [created, ...described, asked, approved, but(opened, { policy: 'pol_3' })],
    ],
    ['a change of another version than the one in force', [created, but(changed, { from: 'pol_0' })]],
  ])('finds %s', (_name, told) => {
    expect(codesOf(told)).toEqual(['policy_unknown']);
  });

  it('takes the version that was replaced within the last minute', () => {
    const soon = (at: string) => `2026-11-25T${at}.000Z`;
    const times = ['09:00:00', '09:00:01', '09:00:02', '09:00:03', '09:01:02', '09:01:04'].map(soon);
    const told = [created, ...described, changed, asked, but(asked, { id: 'req_2' })];
    const check = createLogCheck(log.NAME, 'whole');
    for (const event of log.logOf(told, times)) check.add(event, leafHash(event.leaf));
    expect(check.checked().findings).toEqual([{ seq: 5, code: 'policy_unknown', id: 'req_2' }]);
  });

  it('finds a text that is not the one that the event names, or is none', () => {
    const other = (id: string) => (id === 'pol_2' ? Buffer.from('{}') : (bodies.get(id) ?? null));
    expect(codesOf([created, changed], other)).toEqual(['policy_differs']);
    expect(codesOf([but(created, { sha256: undefined })], () => Buffer.from('no JSON'))).toEqual(['policy_differs']);
  });

  it.each([
    ['stated', 'defaulted', ['policy_weaker']],
    ['stated', 'noticed', ['policy_weaker']],
    ['stated', 'unknown-notice', ['policy_weaker']],
    ['stated', 'stated', []],
    ['stated', undefined, []],
    ['noticed', 'defaulted', ['policy_weaker']],
    ['noticed', 'noticed', []],
    ['any', 'defaulted', []],
  ] as const)('of a rule that takes %s consent finds a session on one that is %s: %j', (rule, consent, found) => {
    const policy = Buffer.from(JSON.stringify(defaultPolicy(0, true, rule)));
    const begun = but(created, { sha256: undefined });
    const told = [begun, ...described, asked, approved, but(opened, { consent })];
    expect(codesOf(told, () => policy)).toEqual(found);
    // A copy for the person needs none.
    const copy = but(opened, { consent, change: 'chg_1' });
    expect(codesOf([begun, ...described, asked, approved, copy], () => policy)).not.toContain('policy_weaker');
  });

  it.each([
    ['more minutes than the longest', but(asked, { minutes: 61 })],
    ['other content than the rule has', but(asked, { objects: 'audio,screen' })],
    ['fewer approvals than the rule needs', but(asked, { approvals: 0 })],
    ['a purpose without a rule', but(asked, { purpose: 'curiosity' })],
  ])('finds a request with %s', (_name, told) => {
    expect(codesOf([created, ...described, told])).toEqual(['policy_weaker']);
  });

  it.each([
    ['more sessions', but(approved, { uses: 4 })],
    ['a longer extension', but(approved, { extend_minutes: 11 })],
    ['a longer window', but(approved, { opens_until: '2026-11-25T17:02:00.000Z' })],
  ])('finds a grant with %s than the policy allows', (_name, told) => {
    expect(codesOf([created, ...described, asked, told])).toEqual(['policy_weaker']);
  });

  it.each([
    'null',
    '[]',
    '{"purposes":null}',
    '{"purposes":{"quality":null}}',
    '{"purposes":{"quality":{"objects":7}}}',
  ])('finds a text that is no policy: %s', (text) => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    const told = [but(created, { sha256 }), ...described, asked, approved];
    expect(codesOf(told, () => Buffer.from(text))).toEqual(['policy_differs']);
  });

  it('finds decisions by API key where the policy in force forbids them', () => {
    const forbids = (id: string) => (id === 'pol_1' ? Buffer.from(JSON.stringify(defaultPolicy(0))) : null);
    const told = [but(created, { sha256: undefined }), ...described, asked];
    expect(codesOf([...told, approved], forbids)).toEqual(['policy_weaker']);
    expect(codesOf([...told, but({ ...approved, action: 'access.denied' }, { grant: undefined })], forbids)).toEqual([
      'policy_weaker',
    ]);
    expect(codesOf([...told, { ...approved, auth: 'sign-in' }], forbids)).toEqual([]);
    expect(codesOf([...told, approved], () => null)).toEqual([]);
  });

  it('finds that a rebuilt tenant begins with more than the first policy gives', () => {
    const first = Buffer.from(JSON.stringify(firstPolicy(24, false)));
    const about = { policy: 'pol_3', wrap: 1, minimum_wrap: 1, authority: 1 };
    const adopted: log.Told = {
      ...{ action: 'log.adopted', by: 'n1', kind: 'system', auth: 'none' },
      object: { type: 'log', id: log.LOG, size: 1 },
    };
    const rebuilt = (body: Buffer<ArrayBuffer>): readonly string[] => {
      const sha256 = createHash('sha256').update(body).digest('hex');
      const told = { ...created, action: 'tenant.rebuilt', object: { type: 'tenant', id: log.LOG, ...about, sha256 } };
      return codesOf([created, adopted, told as log.Told], (id) => (id === 'pol_3' ? body : null));
    };
    expect(rebuilt(first)).toEqual([]);
    const more = [firstPolicy(0, true), defaultPolicy(0), { ...firstPolicy(0, false), uses: 4 }];
    for (const policy of more) expect(rebuilt(Buffer.from(JSON.stringify(policy)))).toEqual(['policy_unknown']);
  });

  it('finds an assignment that the policy does not allow', () => {
    const found = codesOf([created, ...described, assigned]).filter((code) => code !== 'approval_proof');
    expect(found).toEqual(['policy_weaker']);
  });

  it('takes the age of approvers from the text', () => {
    const late: log.Told = {
      ...log.serviceAdded,
      action: 'person.added',
      object: { type: 'person', id: 'usr_n', roles: 'supervisor' },
    };
    const grant = but(approved, {
      minutes: 10,
      uses: 1,
      extend_minutes: undefined,
      opens_until: '2026-11-25T10:30:00.000Z',
    });
    const told = [
      created,
      ...described,
      changed,
      late,
      but(askedBoth, {}),
      { ...but(grant, { grant: undefined }), by: 'usr_n' },
    ];
    expect(codesOf(told)).toEqual(['approval_age']);
    expect(codesOf(told, () => null)).toEqual([]);
  });
});
