// info() and expand(), the basis of every key and context; and the digest helpers.
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hkdfExpand, info } from '../../src/bytes/derivation.ts';
import { equalBytes, sha256 } from '../../src/bytes/digest.ts';

/** Decodes the fields of info() bytes; the encoding is unambiguous. */
function fieldsOf(bytes: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    fields.push(bytes.subarray(at + 2, end).toString('utf8'));
    at = end;
  }
  return fields;
}

describe('info', () => {
  const fields = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u0001', 'é', '录', '\u{1f4de}') }));

  it('writes each field after its length in bytes', () => {
    expect(info('a', '', 'é').toString('hex')).toBe('000161' + '0000' + '0002c3a9');
    expect(info()).toHaveLength(0);
  });

  it('decodes to the same fields', () => {
    fc.assert(
      fc.property(fields, (given) => {
        expect(fieldsOf(info(...given))).toEqual(given);
      }),
    );
  });

  it('differs for different lists of fields', () => {
    fc.assert(
      fc.property(fields, fields, (one, other) => {
        expect(info(...one).equals(info(...other))).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 1000 },
    );
  });

  it('distinguishes lists that differ only in where fields end', () => {
    const same = [['ab', ''], ['a', 'b'], ['', 'ab'], ['ab'], ['', 'a', 'b']].map((list) =>
      info(...list).toString('hex'),
    );
    expect(new Set(same).size).toBe(same.length);
  });

  it('accepts 65,535 bytes in a field and rejects more', () => {
    expect(info('x'.repeat(65_535))).toHaveLength(65_537);
    expect(() => info('x'.repeat(65_536))).toThrow(RangeError);
    expect(() => info('é'.repeat(32_768))).toThrow(RangeError);
  });
});

describe('expand', () => {
  it('equals the second half of Node’s HKDF', () => {
    const about = fc.uint8Array({ maxLength: 1024 });
    const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 63, 64, 65, 76, 128, 255 * 64));
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 100 }),
        about,
        length,
        (input, salt, i, n) => {
          const pseudoRandom = createHmac('sha512', salt).update(input).digest();
          expect(hkdfExpand(pseudoRandom, i, n).equals(Buffer.from(hkdfSync('sha512', input, salt, i, n)))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('accepts a longer info than Node does', () => {
    const key = Buffer.alloc(32, 1);
    const long = Buffer.alloc(5000, 2);
    const first = createHmac('sha512', key).update(long).update(Uint8Array.of(1)).digest();
    const second = createHmac('sha512', key).update(first).update(long).update(Uint8Array.of(2)).digest();
    expect(hkdfExpand(key, long, 100).equals(Buffer.concat([first, second]).subarray(0, 100))).toBe(true);
  });

  it('returns 0 bytes to 255 blocks, and never more', () => {
    expect(hkdfExpand(Buffer.alloc(32), Buffer.alloc(0), 0)).toHaveLength(0);
    expect(hkdfExpand(Buffer.alloc(32), Buffer.alloc(0), 16_320)).toHaveLength(16_320);
    expect(() => hkdfExpand(Buffer.alloc(32), Buffer.alloc(0), 16_321)).toThrow(RangeError);
  });

  it('leaves the key unchanged, and returns separate memory', () => {
    const key = Buffer.alloc(32, 3);
    const out = hkdfExpand(key, Buffer.alloc(0), 32);
    expect(key.equals(Buffer.alloc(32, 3))).toBe(true);
    expect(out.buffer.byteLength).toBe(32);
  });
});

describe('sha256', () => {
  it('digests its concatenated arguments', () => {
    const expected = createHash('sha256').update('abc').digest();
    expect(sha256('abc').equals(expected)).toBe(true);
    expect(sha256('a', Buffer.from('b'), 'c').equals(expected)).toBe(true);
  });
});

describe('equalBytes', () => {
  it('is equality of bytes, lengths included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3, max: 1 }), fc.uint8Array({ maxLength: 3, max: 1 }), (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(b));
      }),
    );
    expect(equalBytes(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
  });
});
