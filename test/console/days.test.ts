// Calendar days in the console: the day that is meant, in each language.
import { describe, expect, it } from 'vitest';
import { daysIn } from '../../src/console/i18n/use-days.ts';

describe('a calendar day', () => {
  it.each([
    ['en', '25 Nov', '25 Nov 2026'],
    ['zh-CN', '11月25日', '2026年11月25日'],
  ])('is written in %s, with and without its year', (language, dayMonth, date) => {
    const days = daysIn(language);
    expect([days.dayMonth('2026-11-25'), days.date('2026-11-25')]).toEqual([dayMonth, date]);
  });

  it('stays where it is no day', () => {
    expect(daysIn('en').date('2026-02-40')).toBe('2026-02-40');
  });
});
