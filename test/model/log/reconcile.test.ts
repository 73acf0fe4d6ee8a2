// The log of the key service against a tenant's log: each way to use a key that no event accounts for is a finding.
import { describe, expect, it } from 'vitest';
import { keyLedger } from '../../../src/model/log/key-service/key-ledger.ts';
import { type KmsCall, readKmsCall } from '../../../src/model/log/key-service/kms-call.ts';
import { reconcile } from '../../../src/model/log/key-service/reconcile.ts';
import type { Leaf, LeafValue } from '../../../src/model/log/leaf.ts';

const [TEN, REC, DEP, ROLE] = ['ten_a', 'rec_a', 'dep_a', 'arn:aws:iam::111122223333:role/callvault'];
const NOON = Date.parse('2026-11-02T12:00:00.000Z');
const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

type Event = readonly [at: number, action: string, object: Readonly<Record<string, LeafValue>>];

let made = 0;
const leafOf = ([at, action, object]: Event): Leaf => ({
  ...{ v: 1, log: `vault.example/${TEN}`, seq: 0, ts: new Date(at).toISOString(), action, outcome: 'ok', node: 'n1' },
  actor: { type: 'system', id: 'n1', auth: 'none' },
  object: { type: 'key', id: TEN, ...object } as Leaf['object'],
});
const ledgerOf = (events: readonly Event[]) => {
  const ledger = keyLedger();
  for (const [index, event] of [...events].sort(([a], [b]) => a - b).entries()) ledger.add(leafOf(event), index);
  return ledger;
};
const END: Event = [NOON + 8 * HOUR, 'log.read', {}];
const context = (use: string, more: Readonly<Record<string, string>> = {}) => ({
  ...{ 'vault:use': use, 'vault:tenant': TEN, 'vault:wrap': '1' },
  ...(use === 'object' ? { 'vault:recording': REC, 'vault:deposit': DEP } : {}),
  ...more,
});
const callOf = (at: number, name = 'Decrypt', use = 'object', more: Partial<KmsCall> = {}): KmsCall => ({
  ...{ id: `record-${made++}`, at, name, caller: ROLE, context: context(use), destination: null, to: null },
  ...more,
});
const session = (opened: number, ended: number, unwraps: number | null, bytes = 1000): Event[] => [
  [opened, 'session.opened', { id: 'ses_a', recording: REC, ends: new Date(ended).toISOString() }],
  [ended, 'session.ended', { id: 'ses_a', recording: REC, bytes, ...(unwraps === null ? {} : { unwraps }) }],
];
const found = (
  events: readonly Event[],
  calls: readonly KmsCall[],
  more: Partial<Parameters<typeof reconcile>[0]> = {},
) => {
  const { findings, notices } = reconcile({
    ...{ calls, ledgers: new Map([[TEN, ledgerOf([...events, END])]]), deployment: null, roles: new Set([ROLE]) },
    ...{ from: NOON - 24 * HOUR, to: NOON + 24 * HOUR },
    ...more,
  });
  return [...findings.map(({ code }) => code), ...notices.keys()];
};

describe('a Decrypt of a recording key', () => {
  it('belongs to a session of that recording, from five seconds before it to a minute after it', () => {
    const opened = session(NOON, NOON + MINUTE, 1);
    for (const at of [NOON - 5 * SECOND, NOON, NOON + 2 * MINUTE]) expect(found(opened, [callOf(at)])).toEqual([]);
    for (const at of [NOON - 6 * SECOND, NOON + 2 * MINUTE + SECOND])
      expect(found(opened, [callOf(NOON + 20 * SECOND), callOf(at)])).toEqual(['kms_unexplained']);
    const other = callOf(NOON, 'Decrypt', 'object', { context: context('object', { 'vault:recording': 'rec_b' }) });
    expect(found(opened, [callOf(NOON + 20 * SECOND), other])).toEqual(['kms_unexplained']);
  });

  it('is one of as many as the session counted', () => {
    const calls = [callOf(NOON), callOf(NOON + 20 * SECOND)];
    expect(found(session(NOON, NOON + MINUTE, 2), calls)).toEqual([]);
    expect(found(session(NOON, NOON + MINUTE, 1), calls)).toEqual(['kms_unexplained']);
    // Older versions did not count.
    expect(found(session(NOON, NOON + MINUTE, null), calls)).toEqual([]);
  });

  it('belongs to a session that is not ended yet', () => {
    const [opened] = session(NOON, NOON + MINUTE, 1);
    if (opened === undefined) return expect.fail();
    expect(found([opened], [callOf(NOON), callOf(NOON + 30 * SECOND)])).toEqual([]);
    expect(found([opened], [callOf(NOON + 13 * MINUTE)])).toEqual(['kms_unexplained']);
  });

  it('or to a counted use of the hour, of this tenant and a fitting reason', () => {
    const use = (why: string, more = {}): Event => [NOON + MINUTE, 'key.used', { why, ...more }];
    const start = new Date(NOON).toISOString();
    const closing: Event = [NOON + HOUR, 'key.used', { why: 'verify', window: start, counted: 2 }];
    const calls = [callOf(NOON + 2 * MINUTE), callOf(NOON + 30 * MINUTE)];
    expect(found([use('verify')], calls)).toEqual(['kms_unexplained']);
    expect(found([use('verify'), closing], calls)).toEqual([]);
    expect(found([use('verify'), closing], [...calls, callOf(NOON + 40 * MINUTE)])).toEqual(['kms_unexplained']);
    expect(found([use('metadata')], [callOf(NOON + 2 * MINUTE)])).toEqual(['kms_unexplained']);
    expect(found([use('verify')], [callOf(NOON + 62 * MINUTE)])).toEqual(['kms_unexplained']);
    // Two nodes count for themselves, and the doctor writes each use.
    expect(found([use('doctor'), use('doctor')], calls)).toEqual([]);
  });

  it('or to a re-wrap across key services, of as many keys', () => {
    const rewrap: Event = [NOON + MINUTE, 'key.rewrapped', { how: 'lent', count: 1, from: 1, wrap: 2 }];
    const calls = [
      callOf(NOON),
      callOf(NOON, 'Encrypt', 'object', { context: context('object', { 'vault:wrap': '2' }) }),
    ];
    expect(found([rewrap], calls)).toEqual([]);
    expect(found([rewrap], [...calls, callOf(NOON + 30 * SECOND)])).toEqual(['kms_unexplained']);
    expect(found([], calls)).toEqual(['kms_unexplained', 'kms_unexplained']);
  });
});

describe('other calls', () => {
  it('of another role are foreign, whatever they do', () => {
    const caller = 'arn:aws:iam::111122223333:user/curious';
    const opened = session(NOON, NOON + MINUTE, 1);
    expect(found(opened, [callOf(NOON), callOf(NOON + SECOND, 'Decrypt', 'object', { caller })])).toEqual([
      'kms_foreign',
    ]);
  });

  it('that re-encrypt for anything but the next generation have moved a key', () => {
    const rewrap: Event = [NOON, 'key.rewrapped', { how: 'inside', count: 1, from: 1, wrap: 2 }];
    const move = (to: Readonly<Record<string, string>>) =>
      callOf(NOON, 'ReEncrypt', 'object', { destination: context('object', { 'vault:wrap': '2', ...to }) });
    expect(found([rewrap], [move({})])).toEqual([]);
    expect(found([], [move({})])).toEqual(['kms_unexplained']);
    expect(found([rewrap], [move({ 'vault:use': 'metadata' })])).toEqual(['kms_moved']);
    expect(found([rewrap], [move({ 'vault:tenant': 'ten_b' })])).toEqual(['kms_moved']);
    expect(found([rewrap], [move({ note: 'more' })])).toEqual(['kms_moved']);
  });

  it('that re-encrypt to a key that is not the tenant’s have moved a key', () => {
    const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1234';
    const rotated: Event = [NOON, 'key.rotated', { how: 'material', wrap: 2, key: arn }];
    const rewrap: Event = [NOON, 'key.rewrapped', { how: 'inside', count: 1, from: 1, wrap: 2 }];
    const move = (to: string) =>
      callOf(NOON, 'ReEncrypt', 'object', { to, destination: context('object', { 'vault:wrap': '2' }) });
    for (const own of [arn, '1234']) expect(found([rotated, rewrap], [move(own)])).toEqual([]);
    for (const other of ['arn:aws:kms:eu-central-1:999999999999:key/1234', '234', 'evil'])
      expect(found([rotated, rewrap], [move(other)])).toEqual(['kms_moved']);
  });

  it('with the metadata key or a KEK need a counted use, or the creation of the tenant', () => {
    const use = (why: string): Event => [NOON, 'key.used', { why }];
    for (const of of ['metadata', 'kek']) {
      const calls = [callOf(NOON + MINUTE, 'Decrypt', of)];
      expect(found([use(of)], calls)).toEqual([]);
      expect(found([use('watch')], calls)).toEqual([]);
      expect(found([use(of)], [...calls, callOf(NOON + 2 * MINUTE, 'Decrypt', of)])).toEqual(['kms_unexplained']);
      expect(found([[NOON, 'tenant.created', {}]], calls)).toEqual([]);
      expect(found([[NOON, 'key.rotated', { how: 'material' }]], calls)).toEqual(['kms_unexplained']);
    }
  });

  it('that prove a key belong to a change of the key or a run of the doctor', () => {
    const proof = [
      callOf(NOON + MINUTE, 'GenerateDataKey', 'challenge'),
      callOf(NOON + MINUTE, 'Decrypt', 'challenge'),
    ];
    expect(found([[NOON, 'key.rotated', { how: 'given-key' }]], proof)).toEqual([]);
    expect(found([], proof)).toEqual(['challenge_unchecked']);
    expect(found([], proof, { deployment: ledgerOf([[NOON, 'doctor.ran', {}]]) })).toEqual([]);
    expect(found([], proof, { deployment: ledgerOf([END]) })).toEqual(['kms_unexplained', 'kms_unexplained']);
  });

  it('that make a data key belong to an upload, and are reported otherwise', () => {
    const make = [callOf(NOON, 'GenerateDataKey')];
    expect(found([[NOON, 'deposit.started', { id: DEP }]], make)).toEqual([]);
    expect(found([], make)).toEqual(['data_key_unused']);
  });

  it('of another tenant are reported: its log was not given', () => {
    const other = callOf(NOON, 'Decrypt', 'object', { context: context('object', { 'vault:tenant': 'ten_b' }) });
    expect(found([], [other])).toEqual(['other_tenant']);
  });
});

describe('records', () => {
  it('count once, and so do equal calls within fifteen seconds', () => {
    const opened = session(NOON, NOON + MINUTE, 1);
    const once = callOf(NOON);
    expect(found(opened, [once, once])).toEqual([]);
    const nameless = (at: number) => callOf(at, 'Decrypt', 'object', { id: '' });
    expect(found(opened, [nameless(NOON), nameless(NOON + 20 * SECOND)])).toEqual(['kms_unexplained']);
    expect(found(opened, [once, callOf(NOON + 15 * SECOND)])).toEqual([]);
    expect(found(opened, [once, callOf(NOON + 16 * SECOND)])).toEqual(['kms_unexplained']);
    const other = callOf(NOON, 'Decrypt', 'object', { context: context('object', { 'vault:deposit': 'dep_b' }) });
    expect(found(opened, [once, other])).toEqual(['kms_unexplained']);
  });

  it('of the newest hour are not judged, nor those of an hour that the log has not counted', () => {
    const at = NOON + 4 * HOUR;
    expect(found([], [callOf(at)], { to: at + HOUR - SECOND })).toEqual(['not_judged']);
    expect(found([], [callOf(at)], { to: at + HOUR })).toEqual(['kms_unexplained']);
    expect(found([], [callOf(NOON + 8 * HOUR - MINUTE)])).toEqual(['not_judged']);
    expect(found([], [callOf(NOON + 7 * HOUR)])).toEqual(['kms_unexplained']);
  });

  it('are missing where a session served bytes and no key was unwrapped', () => {
    const silent = session(NOON, NOON + MINUTE, 1);
    expect(found(silent, [])).toEqual(['kms_silent']);
    expect(found(silent, [callOf(NOON)])).toEqual([]);
    // A key unwrapped at another time is not what was served then.
    expect(found(silent, [callOf(NOON + 2 * HOUR)])).toEqual(['kms_silent', 'kms_unexplained']);
    expect(found(session(NOON, NOON + MINUTE, 0, 0), [])).toEqual([]);
    // Before the first record, and after the last but one hour, nothing is known.
    expect(found(silent, [], { from: NOON + MINUTE })).toEqual([]);
    expect(found(silent, [], { to: NOON + HOUR })).toEqual([]);
    expect(found([[NOON - HOUR, 'key.rotated', { how: 'volume-on' }], ...silent], [])).toEqual(['volume']);
  });

  it('are read from CloudTrail: successful calls of AWS KMS with a context of callvault', () => {
    const record = {
      ...{ eventSource: 'kms.amazonaws.com', eventName: 'Decrypt', eventTime: '2026-11-02T12:00:00Z', eventID: 'one' },
      requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT', encryptionContext: context('object') },
      userIdentity: {
        ...{ type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/callvault/i-1' },
        sessionContext: { sessionIssuer: { type: 'Role', arn: ROLE } },
      },
    };
    const read = {
      id: 'one',
      at: NOON,
      name: 'Decrypt',
      caller: ROLE,
      context: context('object'),
      destination: null,
      to: null,
    };
    expect(readKmsCall(record)).toEqual(read);
    expect(readKmsCall({ ...record, userIdentity: { arn: 'arn:aws:iam::1:user/x' } })?.caller).toBe(
      'arn:aws:iam::1:user/x',
    );
    const hostile = { 'vault:use': { toString: 1 } };
    expect(readKmsCall({ ...record, eventID: {}, requestParameters: { encryptionContext: hostile } })).toMatchObject({
      ...{ id: '', context: { 'vault:use': '' } },
    });
    const move = {
      sourceEncryptionContext: context('object'),
      destinationEncryptionContext: { a: 'b' },
      destinationKeyId: 'k',
    };
    expect(readKmsCall({ ...record, eventName: 'ReEncrypt', requestParameters: move })).toMatchObject({
      ...{ context: context('object'), destination: { a: 'b' }, to: 'k' },
    });
    for (const other of [
      { ...record, errorCode: 'AccessDenied' },
      { ...record, eventSource: 's3.amazonaws.com' },
      { ...record, requestParameters: { encryptionContext: { 'aws:s3:arn': 'x' } } },
      ...[
        { ...record, eventTime: { toString: 1 } },
        { ...record, requestParameters: null },
        { ...record, eventTime: 'now' },
        null,
        7,
        'record',
      ],
    ])
      expect(readKmsCall(other)).toBeNull();
  });
});

describe('calls for an ingest key', () => {
  const used = (why: string): Event => [NOON, 'key.used', { why }];

  it('are explained by its creation, its uses and its re-wrap, one call each', () => {
    const made: Event = [NOON, 'ingest_key.created', { type: 'ingest_key', id: 'ink_a', how: 'new', public: '' }];
    expect(found([made], [callOf(NOON, 'GenerateDataKey', 'ingest')])).toEqual([]);
    expect(found([], [callOf(NOON, 'GenerateDataKey', 'ingest')])).toEqual(['data_key_unused']);
    for (const why of ['ingest', 'watch', 'rebuild', 'verify', 'doctor'])
      expect(found([used(why)], [callOf(NOON, 'Decrypt', 'ingest')]), why).toEqual([]);
    expect(
      found([used('ingest')], [callOf(NOON, 'Decrypt', 'ingest'), callOf(NOON + MINUTE, 'Decrypt', 'ingest')]),
    ).toEqual(['kms_unexplained']);
    const moved: Event = [NOON, 'key.rewrapped', { run: 'r', count: 1, from: 1, wrap: 2, how: 'lent', use: 'ingest' }];
    expect(found([moved], [callOf(NOON, 'Decrypt', 'ingest'), callOf(NOON, 'Encrypt', 'ingest')])).toEqual([]);
  });

  it('are findings where only another use, or the creation of a key, is in the log', () => {
    const made: Event = [NOON, 'ingest_key.created', { type: 'ingest_key', id: 'ink_a', how: 'new', public: '' }];
    for (const why of ['metadata', 'kek', 'settle'])
      expect(found([used(why)], [callOf(NOON, 'Decrypt', 'ingest')]), why).toEqual(['kms_unexplained']);
    for (const [name, use] of [
      ['Decrypt', 'ingest'],
      ['Encrypt', 'ingest'],
      ['Encrypt', 'metadata'],
      ['Decrypt', 'metadata'],
    ] as const)
      expect(found([made], [callOf(NOON, name, use)]), `${name} ${use}`).toEqual(['kms_unexplained']);
    expect(found([used('ingest')], [callOf(NOON, 'Decrypt', 'metadata')])).toEqual(['kms_unexplained']);
  });
});
