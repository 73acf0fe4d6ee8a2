// Canonical JSON: the examples of RFC 8785, values without a canonical form, and bytes in another form.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, parseCanonicalObject } from '../../src/bytes/canonical-json.ts';
import { hasCode } from '../../src/errors.ts';

const text = (value: unknown): string => canonicalBytes(value).toString('utf8');
const malformed = (run: () => unknown): boolean => {
  try {
    run();
  } catch (error) {
    return hasCode(error, 'malformed');
  }
  return false;
};

// RFC 8785, appendix B.
const NUMBERS: readonly (readonly [string, string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

describe('the canonical form', () => {
  it('is that of the example in RFC 8785', () => {
    const value = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(text(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts members by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const sorted = Object.keys(JSON.parse(text({ m: Object.fromEntries(names.map((name) => [name, 0])) })).m);
    expect(sorted).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']);
    expect(text({ '\r': 1, '1': 2 })).toBe('{"\\r":1,"1":2}');
  });

  it.each(NUMBERS)('of the number %s is %s', (bits, written) => {
    expect(text(Buffer.from(bits, 'hex').readDoubleBE())).toBe(written);
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a lone surrogate', 'a\ud800'],
    ['a lone low surrogate', '\udc00a'],
    ['a lone surrogate as a name', { '\ud83d': 1 }],
    ['a big integer', { a: 1n }],
    ['nothing', undefined],
    [
      'itself',
      (() => {
        const value: { self?: unknown } = {};
        value.self = value;
        return value;
      })(),
    ],
  ])('does not exist for %s', (_name, value) => {
    expect(malformed(() => canonicalBytes(value))).toBe(true);
    expect(malformed(() => canonicalBytes({ deep: [value === undefined ? Number.NaN : value] }))).toBe(true);
  });

  it('reads back as the same value', () => {
    const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }));
    fc.assert(
      fc.property(value, (given) => {
        // JSON has one zero.
        const plain: unknown = JSON.parse(JSON.stringify(given));
        expect(parseCanonicalObject(canonicalBytes(given))).toEqual(plain);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
        const reversed = Object.fromEntries(Object.entries(given).reverse());
        expect(text(reversed)).toBe(text(given));
      }),
    );
  });
});

describe('bytes that are not the canonical form of an object', () => {
  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['a text', '"a"'],
    ['null', 'null'],
    ['a space', '{ }'],
    ['a space in front', ' {}'],
    ['a line feed at the end', '{}\n'],
    ['a byte order mark', '\ufeff{}'],
    ['members out of order', '{"b":1,"a":1}'],
    ['a member twice', '{"a":1,"a":1}'],
    ['a member twice with other values', '{"a":1,"a":2}'],
    ['a number with a fraction of zero', '{"a":1.0}'],
    ['a number with an exponent', '{"a":1e2}'],
    ['minus zero', '{"a":-0}'],
    ['a number beyond a double', '{"a":1e400}'],
    ['an integer beyond 2^53 that is rounded', '{"a":9007199254740993}'],
    ['an escape that is not needed', '{"a":"\\u0041"}'],
    ['an escaped slash', '{"a":"\\/"}'],
    ['an escape in capitals', '{"a":"\\u001F"}'],
    ['a lone surrogate, escaped', '{"a":"\\ud800"}'],
    ['two values', '{}{}'],
    ['a comma too many', '{"a":1,}'],
    ['deep nesting', `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    ['deep nesting of objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}x`],
  ])('are malformed: %s', (_name, json) => {
    expect(malformed(() => parseCanonicalObject(Buffer.from(json)))).toBe(true);
  });

  it.each([
    ['an overlong form', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a byte of no character', [0xff]],
  ])('are malformed: UTF-8 with %s', (_name, bytes) => {
    const json = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(malformed(() => parseCanonicalObject(json))).toBe(true);
  });

  it('keep a member named __proto__', () => {
    const value = parseCanonicalObject(Buffer.from('{"__proto__":{"a":1}}'));
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value['a']).toBeUndefined();
  });
});
