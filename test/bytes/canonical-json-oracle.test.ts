// Canonical JSON beside another implementation: the same bytes, and the same values rejected.
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, parseCanonicalObject } from '../../src/bytes/canonical-json.ts';

const RUNS = { numRuns: 3_000 };

/** The bytes by the other implementation; null where it rejects the value. */
function expectedBytes(value: unknown): Buffer | null {
  try {
    const text = canonicalize(value);
    return text === undefined ? null : Buffer.from(text, 'utf8');
  } catch {
    return null;
  }
}

/** The object by the other implementation; null where the bytes are not its canonical form. */
function expectedObject(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return expectedBytes(value)?.equals(bytes) === true ? value : null;
  } catch {
    return null;
  }
}

function orNull<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    expect(error).toMatchObject({ code: 'malformed' });
    return null;
  }
}

/** Names that an engine orders by number, names of one prefix, escapes, and any string. */
const name = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '2',
    '10',
    '100',
    '-1',
    '01',
    'a',
    'aa',
    'ab',
    'b',
    '',
    '__proto__',
    'toJSON',
    '\ud83d\ude00',
  ),
  fc.constantFrom('\u0000', '"', '\\', '\\ud800', '\ud800', '\udc00', '\ufb33', '\u2028', '\u007f'),
  fc.string({ unit: 'binary' }),
);
const scalar = fc.oneof(
  name,
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constantFrom(null, undefined, Symbol('s'), 1n, -0, 1e21, 1e-7, new Date(0), Buffer.from('a'), new Uint8Array(2)),
);
const members = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(name, value), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));
const isAbsent = (value: unknown): boolean => value === undefined || typeof value === 'symbol';
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    members(tie('value')),
    tie('value').map((inner) => ({ toJSON: () => (isAbsent(inner) ? null : inner) })),
  ),
})).value;

describe('canonical JSON beside another implementation', () => {
  it('has the same bytes, or none', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(orNull(() => canonicalBytes(value))).toEqual(expectedBytes(value));
      }),
      RUNS,
    );
  });

  it('is accepted where the other one accepts it, with the same value', () => {
    const json = fc.dictionary(name, fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }));
    const written = json.chain((value) => {
      const inAnyOrder = JSON.stringify(value);
      const canonical = expectedBytes(value)?.toString() ?? inAnyOrder;
      const spaced = JSON.stringify(value, null, 1);
      return fc.constantFrom(canonical, canonical, inAnyOrder, spaced, `${canonical} `);
    });
    let accepted = 0;
    fc.assert(
      fc.property(written, (text) => {
        const bytes = Buffer.from(text, 'utf8');
        const expected = expectedObject(bytes);
        if (expected !== null) accepted++;
        expect(orNull(() => parseCanonicalObject(bytes))).toEqual(expected);
      }),
      RUNS,
    );
    // Two of five texts are canonical, unless the value has no canonical form.
    expect(accepted).toBeGreaterThan(RUNS.numRuns / 10);
  });

  it('with one byte changed, inserted or left out, is accepted where the other one accepts it', () => {
    const json = fc.dictionary(name, fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }), { minKeys: 1 });
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('"\\,:{}[]0123456789eE.+- udDabf\n')), fc.nat(255));
    fc.assert(
      fc.property(json, fc.nat(), byte, fc.constantFrom(0, 1), fc.constantFrom(0, 1), (value, at, put, cut, insert) => {
        const whole = expectedBytes(value);
        fc.pre(whole !== null);
        const from = at % whole.length;
        const bytes = Buffer.concat([
          whole.subarray(0, from),
          Buffer.from(insert === 1 ? [put] : []),
          whole.subarray(from + cut),
        ]);
        expect(orNull(() => parseCanonicalObject(bytes))).toEqual(expectedObject(bytes));
      }),
      RUNS,
    );
  });
});

describe('values for which the other implementation writes no JSON', () => {
  it.each<[string, unknown]>([
    ['a function in an object', { a: () => 1 }],
    ['a function in a list', [() => 1]],
    ['what has no value as JSON', { a: { toJSON: () => undefined } }],
  ])('are rejected: %s', (_name, value) => {
    expect(orNull(() => canonicalBytes(value))).toBeNull();
  });
});
