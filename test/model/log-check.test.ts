// The log's check: what it passes, and each thing it must find.
import { describe, expect, it } from 'vitest';
import { type Actor, leafBytes, leafHash, type NewEvent, type StoredEvent } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log-check.ts';

const ORIGIN = 'vault.example';
const LOG = 'ten_00000000000000000000000000';
const NAME = `${ORIGIN}/${LOG}`;

type Told = Pick<NewEvent, 'action' | 'object'> &
  Partial<Pick<NewEvent, 'outcome'>> & { by: string; kind?: 'person' | 'service'; auth?: Actor['auth'] };

function logOf(told: readonly Told[], times: readonly string[] = []): StoredEvent[] {
  return told.map(({ by, kind = 'person', auth = 'api-key', ...event }, seq) => {
    const actor = { type: kind, id: by, auth } as const;
    const ts = times[seq] ?? `2026-11-25T09:00:${String(seq).padStart(2, '0')}.000Z`;
    const leaf = leafBytes({ log: LOG, id: `evt_${seq}`, actor, ...event }, { origin: ORIGIN, seq, ts, node: 'n1' });
    return { log: LOG, seq, leaf, hash: leafHash(leaf) };
  });
}

const asked: Told = {
  action: 'access.requested',
  by: 'usr_r',
  object: { type: 'request', id: 'req_1', recording: 'rec_1', approvals: 1 },
};
const approved: Told = { action: 'access.approved', by: 'usr_s', object: { type: 'request', id: 'req_1' } };
const opened: Told = {
  action: 'session.opened',
  by: 'usr_r',
  object: { type: 'session', id: 'ses_1', request: 'req_1', recording: 'rec_1' },
};
const created: Told = {
  action: 'tenant.created',
  by: 'op-1',
  auth: 'cli',
  object: { type: 'tenant', id: LOG, authority: 1 },
};
const key = (id: string, principal: string, expires = '2026-12-25T09:00:00.000Z'): Told => ({
  action: 'api_key.created',
  by: 'op-1',
  auth: 'cli',
  object: { type: 'api_key', id, principal, expires },
});
const by = (event: Told, api_key: string): Told => ({ ...event, object: { ...event.object, api_key } });
const signedIn: Told = {
  action: 'sign_in.opened',
  by: 'usr_s',
  auth: 'sign-in',
  object: { type: 'sign_in', id: 'sgn_s', ends: '2026-11-25T21:00:00.000Z' },
};
const signedOut: Told = { ...signedIn, action: 'sign_in.ended', object: { type: 'sign_in', id: 'sgn_s' } };
const approvedBySignIn: Told = { ...approved, auth: 'sign-in', object: { ...approved.object, sign_in: 'sgn_s' } };
const revokedKey: Told = {
  action: 'api_key.revoked',
  by: 'op-1',
  auth: 'cli',
  object: { type: 'api_key', id: 'key_r' },
};
const rec = { type: 'recording', id: 'rec_1' };
const erasing: Told = { action: 'recording.erasing', by: 'op-1', object: rec };
const erased: Told = { action: 'recording.erased', by: 'n1', object: rec };
const replayed: Told = { action: 'tombstone.replayed', by: 'n1', object: rec };
const ended: Told = { action: 'session.ended', by: 'usr_r', object: { type: 'session', id: 'ses_1' } };

describe('the check of a log', () => {
  it('finds nothing in a log as it should be', () => {
    expect(checkLog(NAME, logOf([asked, approved, opened, ended]))).toEqual([]);
    expect(checkLog(NAME, logOf([asked, approved, opened, erasing, ended, erased]))).toEqual([]);
    expect(checkLog(NAME, logOf([replayed, erased]))).toEqual([]);
    expect(checkLog(NAME, [])).toEqual([]);
    const named = [created, key('key_r', 'usr_r'), signedIn, by(asked, 'key_r'), approvedBySignIn, by(opened, 'key_r')];
    expect(checkLog(NAME, logOf([...named, ended, signedOut, revokedKey]))).toEqual([]);
  });

  const bad: readonly [name: string, told: readonly Told[], what: RegExp][] = [
    ['a session without approval', [asked, opened], /without approval/],
    ['a session on a request nobody made', [opened], /nobody made/],
    ['an approval by who asked', [asked, { ...approved, by: 'usr_r' }, opened], /approved by the person who asked/],
    ['an approval by a service', [asked, { ...approved, kind: 'service' }], /not approved by a person/],
    ['an approval of nothing', [approved], /nobody asked for/],
    ['a session of somebody else', [asked, approved, { ...opened, by: 'usr_x' }], /somebody else/],
    [
      'a session on another recording',
      [asked, approved, { ...opened, object: { ...opened.object, recording: 'rec_2' } }],
      /another recording/,
    ],
    [
      'too few approvals',
      [{ ...asked, object: { ...asked.object, approvals: 2 } }, approved, opened],
      /without approval/,
    ],
    [
      'one person approving twice',
      [{ ...asked, object: { ...asked.object, approvals: 2 } }, approved, approved, opened],
      /without approval/,
    ],
    ['a session on what was erased', [asked, approved, erasing, opened], /on a recording that was erased/],
    ['a session on what was erased again', [asked, approved, replayed, opened], /on a recording that was erased/],
    ['an erasure without its beginning', [erased], /without an erasure having begun/],
    ['a recording erased twice', [erasing, erased, erasing], /erased twice/],
    ['a request by a key that was never created', [by(asked, 'key_r')], /never created/],
    [
      'a request by a key that was revoked',
      [key('key_r', 'usr_r'), revokedKey, by(asked, 'key_r')],
      /revoked or ended/,
    ],
    ['a request by another’s key', [key('key_r', 'usr_x'), by(asked, 'key_r')], /somebody else’s/],
    ['a request by an expired key', [key('key_r', 'usr_r', '2026-11-25T08:00:00.000Z'), by(asked, 'key_r')], /expired/],
    ['an approval by a sign-in that ended', [asked, signedIn, signedOut, approvedBySignIn], /revoked or ended/],
    ['an approval by no sign-in of this log', [asked, approvedBySignIn], /never created/],
    ['an approval that names no credential', [created, asked, approved], /does not name the credential/],
    ['a session that ends without having begun', [asked, approved, ended], /without having been opened/],
  ];
  it.each(bad)('finds %s', (_name, told, what) => {
    expect(
      checkLog(NAME, logOf(told))
        .map((finding) => finding.what)
        .join(),
    ).toMatch(what);
  });

  it('takes a refused event for no approval', () => {
    expect(checkLog(NAME, logOf([asked, { ...approved, outcome: 'refused' }, opened]))).toHaveLength(1);
  });

  it('finds a dropped event, wherever it was', () => {
    const log = logOf([asked, approved, opened, ended]);
    for (let drop = 0; drop < log.length - 1; drop++) {
      expect(
        checkLog(
          NAME,
          log.filter((_event, n) => n !== drop),
        ),
      ).not.toEqual([]);
    }
  });

  it('finds an altered leaf, a foreign leaf and a leaf of another place', () => {
    const log = logOf([asked, approved, opened]);
    const [first, second, third] = log as [StoredEvent, StoredEvent, StoredEvent];
    const altered = Buffer.from(Buffer.from(second.leaf).toString().replace('usr_s', 'usr_t'));
    expect(checkLog(NAME, [first, { ...second, leaf: altered }, third])).not.toEqual([]);
    expect(checkLog(NAME, [first, { ...first, seq: 1 }, third])).not.toEqual([]);
    expect(checkLog('vault.example/ten_other', log)).toHaveLength(3);
    const junk = Buffer.from('not a leaf');
    expect(checkLog(NAME, [{ log: LOG, seq: 0, leaf: junk, hash: leafHash(junk) }])).toHaveLength(1);
  });

  it('finds a time that goes back', () => {
    const times = ['2026-11-25T09:00:01.000Z', '2026-11-25T09:00:00.000Z'];
    expect(checkLog(NAME, logOf([asked, approved], times))).toEqual([{ seq: 1, what: 'time goes back' }]);
  });
});
