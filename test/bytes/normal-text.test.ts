// Normal text: spellings of one text have one form.
import { describe, expect, it } from 'vitest';
import { normalText } from '../../src/bytes/normal-text.ts';

describe('the normal form of a text', () => {
  it('is idempotent', () => {
    for (const text of [
      ' Agent007\t',
      'İstanbul',
      'ΣΑΣ',
      'E\u0301',
      '\u212b',
      '\u3000客服\u3000',
      'ǰ',
      '\u1e9b\u0323',
    ]) {
      expect(normalText(normalText(text))).toBe(normalText(text));
    }
  });

  it('keeps inner white space and characters that are not white space', () => {
    expect(normalText('  a \u3000 b  ')).toBe('a \u3000 b');
    expect(normalText('\ufeffa\u200b')).toBe('\ufeffa\u200b');
    expect(normalText(' \u0085\u3000 ')).toBe('');
  });
});
