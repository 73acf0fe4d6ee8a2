// The envelope codec: decodes what it encoded, and rejects everything else with a VaultError.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId } from '../../src/bytes/ids.ts';
import { macOf } from '../../src/envelope/authenticated-json.ts';
import {
  type Envelope,
  encodeEnvelope,
  envelopePath,
  MAX_ENVELOPE,
  parseEnvelope,
  verifyEnvelope,
} from '../../src/envelope/envelope.ts';
import { withDerived } from '../../src/envelope/secret-key.ts';
import { MAX_OBJECT, partCount, sealedObjectSize } from '../../src/envelope/sizes.ts';
import { VaultError } from '../../src/errors.ts';
import { AUDIO, codeOf, DATA_KEY, keyOf, noiseOf } from './bench.ts';

const { tenant, recording, deposit } = AUDIO;

function objectOf(name: string, size: number): Envelope['objects'][number] {
  const described = { size, sealed: sealedObjectSize(size), parts: partCount(size), heads: noiseOf(32) };
  return { name, type: 'audio/wav', ...described };
}

const ENVELOPE: Envelope = {
  tenant,
  recording,
  deposit,
  created: '2026-11-25T09:00:00.000Z',
  key: { scheme: 'kms', id: 'arn:aws:kms:eu-central-1:1:key/a', wrap: 1, wrapped: noiseOf(184) },
  objects: [objectOf('audio', 4_800_044), objectOf('peaks', 4096)],
  facts: noiseOf(600),
};
const BYTES = encodeEnvelope(ENVELOPE, DATA_KEY);
type Members = Record<string, unknown>;
const members = (): Members & { key: Members; objects: Members[] } => JSON.parse(BYTES.toString('utf8'));

/** A changed envelope with a recomputed MAC: only the change is wrong. */
function signed(change: (value: ReturnType<typeof members>) => unknown): Buffer {
  const value = members();
  change(value);
  return canonicalBytes({
    ...value,
    mac: withDerived(DATA_KEY, ['callvault/envelope@v1'], 64, (key) => macOf(key, value)),
  });
}

const open = (bytes: Uint8Array): Envelope => {
  const envelope = parseEnvelope(bytes);
  verifyEnvelope(bytes, DATA_KEY);
  return envelope;
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('an envelope', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const size = fc.oneof(fc.nat({ max: 100_000 }), fc.constantFrom(0, MAX_OBJECT), fc.nat({ max: MAX_OBJECT }));
  const names = fc.uniqueArray(fc.constantFrom('audio', 'peaks', 'transcript/zh-CN', 'transcript/en'), {
    minLength: 1,
  });
  const envelopes: fc.Arbitrary<Envelope> = fc.record({
    tenant: fc.constant(0).map(() => newId('ten')),
    recording: fc.constant(0).map(() => newId('rec')),
    deposit: fc.constant(0).map(() => newId('dep')),
    created: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
    key: fc.record({
      scheme: fc.constantFrom('kms' as const, 'keyring' as const, 'pkcs11' as const),
      id: fc.stringMatching(/^[\x21-\x7e]{1,60}$/),
      wrap: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      wrapped: bytes,
    }),
    objects: fc
      .tuple(names, fc.array(size, { minLength: 4, maxLength: 4 }))
      .map(([list, sizes]) => list.map((name, at) => objectOf(name, sizes[at] ?? 0))),
    facts: bytes,
  });

  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const written = encodeEnvelope(envelope, DATA_KEY);
        expect(plain(open(written))).toEqual(
          plain({
            ...envelope,
            facts: Buffer.from(envelope.facts),
            key: { ...envelope.key, wrapped: Buffer.from(envelope.key.wrapped) },
          }),
        );
        expect(encodeEnvelope(parseEnvelope(written), DATA_KEY).equals(written)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('verifies with another wrapped key, and under no other data key', () => {
    const rewrapped = encodeEnvelope({ ...ENVELOPE, key: { ...ENVELOPE.key, wrap: 2, id: 'other' } }, DATA_KEY);
    expect(JSON.parse(rewrapped.toString()).mac).toBe(members()['mac']);
    expect(codeOf(() => verifyEnvelope(BYTES, keyOf('another data key')))).toBe('integrity');
  });

  it('is named by its deposit only', () => {
    expect(envelopePath(tenant, recording, deposit)).toBe(`t/${tenant}/e/${recording}/${deposit}.json`);
    expect(codeOf(() => envelopePath(tenant, deposit, recording))).toBe('malformed');
    expect(codeOf(() => envelopePath('../x', recording, deposit))).toBe('malformed');
  });

  it('is at most 64 KiB long, encoded and decoded', () => {
    expect(codeOf(() => encodeEnvelope({ ...ENVELOPE, facts: noiseOf(50_000) }, DATA_KEY))).toBe('metadata_invalid');
    const withFacts = (length: number): Buffer =>
      signed((value) => Object.assign(value, { facts: noiseOf(length).toString('base64') }));
    expect(codeOf(() => parseEnvelope(withFacts(50_000)))).toBe('malformed');
    expect(open(withFacts(47_000)).facts).toHaveLength(47_000);
  });
});

describe('an envelope is rejected', () => {
  it.each<[string, string, (value: ReturnType<typeof members>) => unknown]>([
    ['of another format', 'format_unknown', (value) => Object.assign(value, { format: 'callvault/2' })],
    ['without a format', 'format_unknown', (value) => delete value['format']],
    ['of a scheme of tomorrow', 'format_unknown', (value) => Object.assign(value.key, { scheme: 'hsm' })],
    ['of another scheme of tomorrow', 'format_unknown', (value) => Object.assign(value.key, { scheme: 'sdf-2' })],
    ['of a scheme that is no word', 'malformed', (value) => Object.assign(value.key, { scheme: 'KMS' })],
    ['with an unknown member', 'malformed', (value) => Object.assign(value, { extra: 1 })],
    ['with an unknown member of the key', 'malformed', (value) => Object.assign(value.key, { extra: 1 })],
    [
      'with an unknown member of an object',
      'malformed',
      (value) => Object.assign(value.objects[0] ?? {}, { extra: 1 }),
    ],
    ['with a member missing', 'malformed', (value) => delete value['facts']],
    ['with null for a member', 'malformed', (value) => Object.assign(value, { created: null })],
    ['with a list for the key', 'malformed', (value) => Object.assign(value, { key: [] })],
    ['without objects', 'malformed', (value) => Object.assign(value, { objects: [] })],
    ['with objects that are none', 'malformed', (value) => Object.assign(value, { objects: [null] })],
    ['with an object twice', 'malformed', (value) => value.objects.push({ ...value.objects[0] })],
    ['of a wrap generation zero', 'malformed', (value) => Object.assign(value.key, { wrap: 0 })],
    ['of a wrap generation in text', 'malformed', (value) => Object.assign(value.key, { wrap: '1' })],
    ['of a key id with a space', 'malformed', (value) => Object.assign(value.key, { id: 'a b' })],
    [
      'of a time without milliseconds',
      'malformed',
      (value) => Object.assign(value, { created: '2026-11-25T09:00:00Z' }),
    ],
    [
      'of another tenant than its paths',
      'malformed',
      (value) => Object.assign(value, { tenant: `${tenant.slice(0, -1)}0` }),
    ],
    ['of a tenant that is no id', 'malformed', (value) => Object.assign(value, { tenant: 'ten_1' })],
    [
      'with the ids in each other’s place',
      'malformed',
      (value) => Object.assign(value, { deposit: value['recording'] }),
    ],
  ])('%s', (_name, code, change) => {
    expect(codeOf(() => open(signed(change)))).toBe(code);
  });

  it.each<[string, Members]>([
    ['a path outside', { path: '../audio' }],
    ['a path of another object', { path: `t/${tenant}/r/${recording}/${deposit}/peaks` }],
    ['a path with the prefix of a bucket', { path: `prefix/t/${tenant}/r/${recording}/${deposit}/audio` }],
    ['a name that is none', { name: '../audio', path: `t/${tenant}/r/${recording}/${deposit}/../audio` }],
    ['a language tag that is not canonical', { name: 'transcript/zh-cn' }],
    ['a sealed size of one more', { sealed: 4_804_789 }],
    ['a size of one less', { size: 4_800_043 }],
    ['a size below zero', { size: -1 }],
    ['a size with a fraction', { size: 4_800_044.5 }],
    ['another number of parts', { parts: 2 }],
    ['heads of 31 bytes', { heads: noiseOf(31).toString('base64') }],
    ['heads in another base64', { heads: noiseOf(32).toString('base64url') }],
    ['a type with a line feed', { type: 'audio/wav\n' }],
  ])('with an object of %s', (_name, change) => {
    expect(codeOf(() => open(signed((value) => Object.assign(value.objects[0] ?? {}, change))))).toBe('malformed');
  });

  it.each<[string, (value: ReturnType<typeof members>) => unknown]>([
    ['time', (value) => Object.assign(value, { created: '2026-11-25T09:00:00.001Z' })],
    ['facts', (value) => Object.assign(value, { facts: noiseOf(601).toString('base64') })],
    ['type', (value) => Object.assign(value.objects[0] ?? {}, { type: 'audio/wax' })],
    ['heads', (value) => Object.assign(value.objects[1] ?? {}, { heads: noiseOf(33).subarray(1).toString('base64') })],
    ['list of objects', (value) => value.objects.pop()],
    ['order of objects', (value) => value.objects.reverse()],
    ['MAC', (value) => Object.assign(value, { mac: noiseOf(64).toString('base64') })],
  ])('with another %s under the old MAC', (_name, change) => {
    const value = members();
    change(value);
    const bad = canonicalBytes(value);
    parseEnvelope(bad);
    expect(codeOf(() => verifyEnvelope(bad, DATA_KEY))).toBe('integrity');
  });
});

describe('bytes that claim to be an envelope', () => {
  afterEach(() => vi.restoreAllMocks());

  const edit = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 40 }),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc
        .constantFrom('"', '{', '}', '[', ']', '\\u0000', '9', '99999999999999', '1e308', 'null', '"__proto__":1,')
        .map((text) => Buffer.from(text)),
    ),
  });

  it('throw a VaultError or decode, allocate nothing large, and verify only with their MAC', () => {
    const largest = vi.spyOn(Buffer, 'alloc');
    const unsafe = vi.spyOn(Buffer, 'allocUnsafe');
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let bytes: Buffer = BYTES;
        for (const { at, remove, insert } of edits) {
          const from = at % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
        }
        const before = process.memoryUsage().arrayBuffers;
        try {
          const { key: _key, ...rest } = open(bytes);
          const { key: _same, ...expected } = parseEnvelope(BYTES);
          expect(rest).toEqual(expected);
        } catch (error) {
          expect(error).toBeInstanceOf(VaultError);
        }
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
      }),
      { numRuns: 1000 },
    );
    const asked = [...largest.mock.calls, ...unsafe.mock.calls].map(([size]) => size);
    expect(Math.max(0, ...asked)).toBeLessThan(MAX_ENVELOPE * 2);
  });

  it('throw a VaultError for arbitrary bytes', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.object().map((value) => Buffer.from(JSON.stringify({ format: 'callvault/1', ...value }))),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        expect(['malformed', 'format_unknown']).toContain(codeOf(() => parseEnvelope(bytes)));
        expect(codeOf(() => verifyEnvelope(bytes, DATA_KEY))).toBe('malformed');
      }),
      { numRuns: 500 },
    );
  });
});
