// Base64: one spelling for each string of bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../src/bytes/base64.ts';
import { VaultError } from '../../src/errors.ts';

describe('base64', () => {
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('writes the test vectors of RFC 4648: %j', (plain, encoded) => {
    expect(toBase64(Buffer.from(plain))).toBe(encoded);
    expect(fromBase64(encoded).toString()).toBe(plain);
  });

  it('decodes what it encoded, also from a view into other memory', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat({ max: 3 }), (bytes, skip) => {
        const view = bytes.subarray(skip);
        expect(new Uint8Array(fromBase64(toBase64(view)))).toEqual(new Uint8Array(view));
      }),
    );
  });

  it.each([
    ['no padding', 'Zg'],
    ['half the padding', 'Zg='],
    ['padding too much', 'Zm9v===='],
    ['padding alone', '='],
    ['loose bits', 'Zh=='],
    ['loose bits in three', 'Zm9='],
    ['the URL alphabet', '-_-_'],
    ['a space', 'Zm 9v'],
    ['a line feed', 'Zm9v\n'],
    ['text after the padding', 'Zg==Zg=='],
    ['another character', 'Zm9*'],
    ['one character', 'Z'],
  ])('rejects %s', (_name, text) => {
    expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  it('rejects any other text unless it is the canonical spelling', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABab01+/=-_ ') }), (text) => {
        let bytes: Buffer;
        try {
          bytes = fromBase64(text);
        } catch (error) {
          expect(error).toBeInstanceOf(VaultError);
          return;
        }
        expect(toBase64(bytes)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
