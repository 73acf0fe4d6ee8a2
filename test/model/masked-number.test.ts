// Masked telephone numbers: the visible part of each kind, and never more.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedNumber } from '../../src/model/masked-number.ts';

describe('a masked number', () => {
  it.each([
    ['13812345678', '138****5678'],
    ['138 1234 5678', '138****5678'],
    ['１３８１２３４５６７８', '138****5678'],
    ['+86 138 1234 5678', '+86 138****5678'],
    ['008613812345678', '+86 138****5678'],
    ['8613812345678', '+86 138****5678'],
    ['+442079460958', '+44 ****0958'],
    ['+1 (415) 555-0132', '+1 ****0132'],
    ['+7 495 123-45-67', '+7 ****4567'],
    ['+852 2345 6789', '+852 ****6789'],
    ['+351 21 123 4567', '+351 ****4567'],
    ['+352 123456', '+352 ****56'],
    ['+55 11 91234 5678', '+55 ****5678'],
    ['020 7946 0958', '****0958'],
    ['(010) 6552 9988', '****9988'],
    ['sip:13812345678@pbx', '********'],
    ['1234567', '*******'],
    ['100', '****'],
    ['', '****'],
    ['anonymous', '****'],
  ])('%s is %s', (number, masked) => {
    expect(maskedNumber(number)).toBe(masked);
  });

  it('hides at least four digits of every number, and every text without digits', () => {
    const number = fc.stringMatching(/^\+?[0-9 ()-]{0,24}$/);
    fc.assert(
      fc.property(number, (text) => {
        const digits = text.replace(/\D/g, '').length;
        const shown = maskedNumber(text).replace(/\D/g, '').length;
        expect(shown).toBeLessThanOrEqual(Math.max(0, digits - 4));
        expect(digits < 8 ? shown : 0).toBe(0);
        expect(maskedNumber(text)).toContain('****');
      }),
    );
  });
});
