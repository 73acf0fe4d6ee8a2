// Facts of calls from sidecars and file names, by the vault's rules.
import { describe, expect, it } from 'vitest';
import { hasCode } from '../../src/errors.ts';
import { metadataBody, metadataFromBody } from '../../src/http/metadata.ts';
import { factsOf } from '../../src/model/facts.ts';
import { whyInvalid } from '../../src/model/given-facts.ts';
import { namePattern } from '../../src/model/name-pattern.ts';
import { firstName, putBackName } from '../../src/relay/names.ts';
import { factsFromName, factsFromSidecar } from '../../src/relay/sidecar.ts';
import { type RawFacts, requireRoom } from '../../src/vault/core/facts/raw-facts.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const facts = (value: unknown) => factsFromSidecar(Buffer.from(JSON.stringify(value)), 'pbx-1', NOW);

/** What a person reads about facts that are not valid; null for valid ones. */
function whyNot(read: () => object): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (!hasCode(error, 'metadata_invalid')) throw error;
    return whyInvalid(error);
  }
}

const WHOLE = {
  source: 'pbx-2',
  call_id: 'c-1',
  leg: '1',
  started_at: '2026-11-29T10:00:00+08:00',
  direction: 'inbound',
  from: '+442079460123',
  to: '张伟',
  agent: 'HB-2107',
  queue: 'cards',
  ticket: 'T-1',
  file_name: 'c-1.wav',
  language: 'zh-CN',
  sensitivity: 'sensitive',
  notes: 'two\tlines',
  interaction: 'i-1',
  wrap_up: 'done',
  fields: { product: 'card' },
  pauses: [{ start_ms: 1, end_ms: 1, reason: 'payment-card' }],
  basis: { kind: 'consent', at: '2026-11-29T10:00:00Z', offset_ms: 3, separate: true },
};

/** Each member is as long as it may be. */
const LONG = {
  notes: '话'.repeat(4_000),
  fields: Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`field-${n}`, '话'.repeat(256)])),
};

describe('a sidecar', () => {
  it('gives its facts, with the source of the configuration where it has none', () => {
    const plain = { ...WHOLE, notes: 'two lines' };
    expect(facts(plain)).toEqual(plain);
    expect(facts({ call_id: 'c-2' })).toEqual({ source: 'pbx-1', call_id: 'c-2' });
  });

  it.each<[string, unknown, string]>([
    ['no call id', { from: '1' }, 'call_id is required'],
    ['an unknown member', { call_id: 'c', colour: 'red' }, 'colour is unknown'],
    [
      'a member of headers',
      { call_id: 'c', basis: { kind: 'consent' }, basis_at: '2026-11-29T10:00:00Z' },
      'basis_at is unknown',
    ],
    ['a number for a text', { call_id: 7 }, 'call_id must be a text'],
    ['null for a text', { call_id: 'c', from: null }, 'from must be a text'],
    ['a slash in the call id', { call_id: 'a/b' }, 'call_id has a slash'],
    [
      'a time without offset',
      { call_id: 'c', started_at: '2026-11-29T10:00:00' },
      'started_at must be an RFC 3339 time with an offset',
    ],
    [
      'a start in two days',
      { call_id: 'c', started_at: '2026-12-01T13:00:00Z' },
      "started_at is more than a day ahead of the vault's clock",
    ],
    [
      'an unknown direction',
      { call_id: 'c', direction: 'sideways' },
      'direction must be one of inbound, outbound, internal',
    ],
    ['a control character', WHOLE, 'notes has a control character'],
    ['fields that are a list', { call_id: 'c', fields: ['a'] }, 'fields must be an object'],
    ['a field that is a number', { call_id: 'c', fields: { a: 1 } }, 'fields/a must be a text'],
    [
      'a pause that ends before it starts',
      { call_id: 'c', pauses: [{ start_ms: 2, end_ms: 1, reason: 'other' }] },
      'pauses/0 ends before it starts',
    ],
    [
      'an unknown basis',
      { call_id: 'c', basis: { kind: 'wish' } },
      'basis/kind must be one of consent, contract, legal-obligation, legitimate-interest, none',
    ],
    [
      'a basis with an unknown member',
      { call_id: 'c', basis: { kind: 'consent', who: 'x' } },
      'basis/who is unknown; there are kind, at, language, evidence, channel, notice, offset_ms, separate',
    ],
    [
      'a basis with a member that is null',
      { call_id: 'c', basis: { kind: 'consent', language: null } },
      'basis/language must not be null',
    ],
    ['facts that are too long together', { call_id: 'c', ...LONG }, 'the facts have more than 28672 bytes'],
    ['an end of retention', { call_id: 'c', retain_until: '2030-01-01T00:00:00Z' }, 'retain_until is unknown'],
    ['a list', [1], 'the sidecar is not a JSON object'],
    ['a text', 'c', 'the sidecar is not a JSON object'],
  ])('is not valid with %s, in the relay as in the vault', (_name, value, why) => {
    expect(whyNot(() => facts(value))).toBe(why);
    const inVault = () => {
      const given = typeof value === 'object' && !Array.isArray(value) ? { source: 'pbx-1', ...value } : value;
      const metadata = metadataFromBody(metadataBody.parse(given), NOW);
      requireRoom(factsOf(metadata, { kind: 'none' }) as unknown as RawFacts);
    };
    expect(inVault).toThrow();
  });

  it('is not valid in part, or as other bytes than UTF-8', () => {
    const [cut, latin] = [Buffer.from('{"call_id":"c'), Buffer.from('{"call_id":"c\xff"}', 'latin1')];
    for (const bytes of [cut, latin, Buffer.alloc(0)])
      expect(whyNot(() => factsFromSidecar(bytes, 'pbx-1', NOW))).toBe('the sidecar is not JSON in UTF-8');
  });
});

const NO_PATTERN = 'it has no sidecar, and no pattern of file_names matches its name';

describe('a file name', () => {
  const pattern = {
    match: namePattern(
      String.raw`^(?<from>\d+)-(?<to>\d+)-(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)-(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)-(?<call_id>[\w.]+)\.wav$`,
    ),
    offset: '+08:00',
    facts: { direction: 'inbound' },
  };

  it('gives the facts of the first pattern that matches', () => {
    const name = '13800138000-4001-20261129-180102-1732849262.17.wav';
    const other = { match: namePattern('^(?<call_id>x)$'), offset: 'Z', facts: {} };
    expect(factsFromName(name, [other, pattern], 'pbx-1', NOW)).toEqual({
      source: 'pbx-1',
      direction: 'inbound',
      from: '13800138000',
      to: '4001',
      started_at: '2026-11-29T18:01:02+08:00',
      call_id: '1732849262.17',
    });
  });

  it('is the one that the PBX gave, also where the relay put a file back under another', () => {
    const first = '13800138000-4001-20261129-180102-1732849262.17.wav';
    const once = putBackName(first, 'a7841ea7');
    const twice = putBackName(once, '0190f2e4-6c5d-7e8f-9a0b-1c2d3e4f5a6b');
    const given = factsFromName(first, [pattern], 'pbx-1', NOW);
    for (const name of [once, twice]) {
      expect(name).not.toBe(first);
      expect(factsFromName(name, [pattern], 'pbx-1', NOW)).toEqual(given);
    }
    // Digits of the PBX's own stay.
    expect(firstName('call.a7841ea7.wav')).toBe('call.a7841ea7.wav');
  });

  it('gives none where no pattern matches, or the facts are not valid', () => {
    expect(whyNot(() => factsFromName('other.wav', [pattern], 'pbx-1', NOW))).toBe(NO_PATTERN);
    expect(whyNot(() => factsFromName('1-2-20261329-180102-3.wav', [pattern], 'pbx-1', NOW))).toMatch(/^started_at /);
    expect(whyNot(() => factsFromName('1.wav', [], 'pbx-1', NOW))).toBe(NO_PATTERN);
  });
});
