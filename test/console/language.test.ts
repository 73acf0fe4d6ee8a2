// Initial language of the console, and parsing of addresses and of the search box.
import { describe, expect, it } from 'vitest';
import { formatClock } from '../../src/console/i18n/format-clock.ts';
import { chooseLanguage } from '../../src/console/i18n/language.ts';
import { formatIn } from '../../src/console/i18n/use-format.ts';
import { readRecordingsSearch } from '../../src/console/pages/recordings/search-params.ts';
import { parseSearch } from '../../src/console/shell/personal-search.ts';

describe('the first language', () => {
  it('is the person’s choice, or else the first supported one of the browser', () => {
    expect(chooseLanguage('zh-CN', ['en'])).toBe('zh-CN');
    expect(chooseLanguage(null, ['fr', 'zh-TW', 'en'])).toBe('zh-CN');
    expect(chooseLanguage(null, ['de', 'en-GB', 'zh'])).toBe('en');
    expect(chooseLanguage(null, ['de'])).toBe('en');
  });
});

describe('times', () => {
  it('are of the zone and the language', () => {
    expect(formatIn('en', 'Asia/Singapore').seconds('2026-11-25T06:06:31.000Z')).toBe('14:06:31');
    expect(formatIn('zh-CN', 'Asia/Shanghai').date('2026-11-25T20:00:00.000Z')).toBe('2026年11月26日');
    expect(formatClock(277_900)).toBe('04:37');
    expect(formatClock(3_877_000)).toBe('1:04:37');
    expect(formatClock(-5)).toBe('00:00');
  });
});

describe('an address of the recordings page', () => {
  it('keeps what makes sense and drops the rest', () => {
    const wild = { span: '7d', direction: 'inbound', mine: 'everyone', min: '3', max: '-1', number_end: '1234' };
    expect(readRecordingsSearch(wild)).toEqual({ span: '7d', direction: 'inbound', min: 3 });
  });
});

describe('the search box', () => {
  it('recognises a recording’s id and a number’s end, and treats the rest as a ticket', () => {
    const id = `rec_${'0'.repeat(26)}`;
    expect(parseSearch(` ${id} `)).toEqual({ recording: id });
    expect(parseSearch('4417')).toEqual({ number_end: '4417' });
    expect(parseSearch('CS-20261125-0417')).toEqual({ ticket: 'CS-20261125-0417' });
    expect(parseSearch('  ')).toBeNull();
  });
});
