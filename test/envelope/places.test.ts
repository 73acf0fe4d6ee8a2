// Small sealed values: columns, facts and wrapped keys open only where they were sealed for.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ColumnRef, openColumn, sealColumn } from '../../src/envelope/column.ts';
import { MAX_FACTS, openFacts, sealFacts } from '../../src/envelope/facts.ts';
import { type KeyPurpose, keyContext } from '../../src/envelope/key-context.ts';
import { unwrapLocally, wrapLocally, wrappingVersion } from '../../src/envelope/local-wrap.ts';
import { sealMessage } from '../../src/envelope/message.ts';
import { AUDIO, codeOf, DATA_KEY, ELSEWHERE, keyOf, lengths, noiseOf } from './bench.ts';

const KEY = keyOf('metadata key');

describe('a sealed column', () => {
  const place: ColumnRef = { tenant: AUDIO.tenant, row: AUDIO.recording, column: 'facts' };
  const sealed = sealColumn(KEY, place, Buffer.from('value'));

  it('round-trips any value, with a new ciphertext each time', () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const one = sealColumn(KEY, place, noiseOf(length));
        expect(openColumn(KEY, place, one).equals(noiseOf(length))).toBe(true);
        expect(one.equals(sealColumn(KEY, place, noiseOf(length)))).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, Partial<ColumnRef>]>([
    ['tenant', { tenant: 'ten_01m88yxtm0f2zv6wb82ekzd998' }],
    ['row', { row: 'rec_01m88yxtm0epqvg36bhyhy6qv9' }],
    ['column', { column: 'notes' }],
    ['place whose fields only add up to it', { row: `${AUDIO.recording}f`, column: 'acts' }],
  ])('is rejected in another %s', (_name, other) => {
    expect(codeOf(() => openColumn(KEY, { ...place, ...other }, sealed))).toBe('integrity');
  });

  it('is rejected under another metadata key, cut, extended or with any byte changed', () => {
    expect(codeOf(() => openColumn(keyOf('another'), place, sealed))).toBe('integrity');
    for (let at = 0; at < sealed.length; at++) {
      expect(codeOf(() => openColumn(KEY, place, sealed.subarray(0, at)))).toBe('integrity');
      const bad = Buffer.from(sealed);
      bad.writeUInt8(bad.readUInt8(at) ^ 1, at);
      expect(codeOf(() => openColumn(KEY, place, bad))).toBe('integrity');
    }
    expect(codeOf(() => openColumn(KEY, place, Buffer.concat([sealed, Buffer.alloc(1)])))).toBe('integrity');
  });

  it('throws key_zeroed, not integrity, for a zeroed key', () => {
    const key = keyOf('metadata key');
    key.zero();
    expect(codeOf(() => openColumn(key, place, sealed))).toBe('key_zeroed');
  });
});

describe('sealed facts', () => {
  const facts = { v: 1, agent: '张伟', unknown: { kept: [1, 2] } };
  const sealed = sealFacts(DATA_KEY, AUDIO, facts);

  it('round-trip with every member', () => {
    expect(openFacts(DATA_KEY, AUDIO, sealed)).toEqual(facts);
  });

  it.each(Object.entries(ELSEWHERE).filter(([, place]) => place.name === AUDIO.name))(
    'are rejected for %s',
    (_name, place) => {
      expect(codeOf(() => openFacts(DATA_KEY, place, sealed))).toBe('integrity');
    },
  );

  it('are rejected under another data key, and as a column', () => {
    expect(codeOf(() => openFacts(keyOf('another'), AUDIO, sealed))).toBe('integrity');
    expect(codeOf(() => openColumn(DATA_KEY, { tenant: AUDIO.tenant, row: AUDIO.recording, column: '' }, sealed))).toBe(
      'integrity',
    );
  });

  it('are at most 32 KiB long', () => {
    const spare = MAX_FACTS - Buffer.byteLength('{"notes":""}');
    expect(codeOf(() => sealFacts(DATA_KEY, AUDIO, { notes: 'x'.repeat(spare) }))).toBeUndefined();
    expect(codeOf(() => sealFacts(DATA_KEY, AUDIO, { notes: 'x'.repeat(spare + 1) }))).toBe('metadata_invalid');
  });
});

describe('a wrapped key', () => {
  const kek = noiseOf(32);
  const key = noiseOf(64).subarray(32);
  const purpose: KeyPurpose = { use: 'object', ...AUDIO, wrap: 7 };
  const wrapped = wrapLocally(kek, 5, keyContext(purpose), key);

  it('opens with its context, and contains its version', () => {
    expect(unwrapLocally(kek, keyContext(purpose), wrapped).equals(key)).toBe(true);
    expect(wrappingVersion(wrapped)).toBe(5);
    // After the version it is one standard message of 32 bytes.
    expect(wrapped.length).toBe(4 + 56 + 32 + 16);
    expect(wrappingVersion(Buffer.concat([Buffer.alloc(3), wrapped]).subarray(3))).toBe(5);
  });

  it('opens under its own key, version and generation only', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const version = fc.integer({ min: 1, max: 0xffff_ffff });
    fc.assert(
      fc.property(bytes, bytes, bytes, version, fc.integer({ min: 1, max: 999 }), (one, other, inner, n, wrap) => {
        fc.pre(!Buffer.from(one).equals(other));
        const context = keyContext({ ...purpose, wrap });
        const sealed = wrapLocally(one, n, context, inner);
        expect(wrappingVersion(sealed)).toBe(n);
        expect(unwrapLocally(one, context, sealed).equals(inner)).toBe(true);
        expect(sealed.equals(wrapLocally(one, n, context, inner))).toBe(false);
        expect(codeOf(() => unwrapLocally(other, context, sealed))).toBe('integrity');
        expect(codeOf(() => unwrapLocally(one, keyContext({ ...purpose, wrap: wrap + 1 }), sealed))).toBe('integrity');
        expect(codeOf(() => unwrapLocally(one, keyContext({ use: 'kek', tenant: AUDIO.tenant, wrap }), sealed))).toBe(
          'integrity',
        );
      }),
      { numRuns: 50 },
    );
  });

  it('has a context of opaque ids only, with all of an object’s', () => {
    const { tenant, recording, deposit } = AUDIO;
    expect(keyContext(purpose)).toEqual({
      'vault:use': 'object',
      'vault:tenant': tenant,
      'vault:recording': recording,
      'vault:deposit': deposit,
      'vault:wrap': '7',
    });
    expect(keyContext({ use: 'metadata', tenant, wrap: 1 })).toEqual({
      'vault:use': 'metadata',
      'vault:tenant': tenant,
      'vault:wrap': '1',
    });
  });

  it.each<[string, KeyPurpose]>([
    ['tenant', { ...purpose, tenant: 'ten_01m88yxtm0f2zv6wb82ekzd998' }],
    ['recording', { ...purpose, recording: 'rec_01m88yxtm0epqvg36bhyhy6qv9' }],
    ['deposit', { ...purpose, deposit: 'dep_01m88yxtm0f61br0t16mwc5454' }],
    ['wrap generation', { ...purpose, wrap: 8 }],
    ['use', { use: 'metadata', tenant: purpose.tenant, wrap: 7 }],
  ])('is rejected for another %s', (_name, other) => {
    expect(codeOf(() => unwrapLocally(kek, keyContext(other), wrapped))).toBe('integrity');
  });

  it('is rejected under another key, cut short, or sealed in another way', () => {
    const context = keyContext(purpose);
    expect(codeOf(() => unwrapLocally(noiseOf(33).subarray(1), context, wrapped))).toBe('integrity');
    for (let at = 0; at < wrapped.length; at++) {
      expect(codeOf(() => unwrapLocally(kek, context, wrapped.subarray(0, at)))).toBe('integrity');
    }
    expect(codeOf(() => wrappingVersion(wrapped.subarray(0, 3)))).toBe('integrity');
    const bare = Buffer.concat([Buffer.alloc(4), sealMessage(kek, Buffer.alloc(0), key)]);
    expect(codeOf(() => unwrapLocally(kek, context, bare))).toBe('integrity');
  });
});
