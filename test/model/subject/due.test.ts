// When answers to requests of recorded people are due, by the law of the tenant's country.
import { describe, expect, it } from 'vitest';
import { dueAt, extendedDue } from '../../../src/model/subject/due.ts';

describe('the answer to a subject request', () => {
  it.each([
    ['a month later', '2026-11-20T09:30:00.000Z', '2026-12-20T12:00:00.000Z'],
    ['on the last day of a shorter month', '2026-01-31T23:59:59.999Z', '2026-02-28T12:00:00.000Z'],
    ['on that of February in a leap year', '2028-01-30T00:00:00.000Z', '2028-02-29T12:00:00.000Z'],
    ['in the next year', '2026-12-05T00:00:00.000Z', '2027-01-05T12:00:00.000Z'],
  ])('is due %s (GDPR Art. 12(3))', (_name, received, due) => {
    for (const country of ['GB', 'DE', 'US', 'TW']) expect(dueAt(received, country)).toBe(due);
  });

  it('is due within 15 days in China', () => {
    expect(dueAt('2026-11-20T09:30:00.000Z', 'CN')).toBe('2026-12-05T12:00:00.000Z');
    expect(dueAt('2026-02-20T23:00:00.000Z', 'CN')).toBe('2026-03-07T12:00:00.000Z');
  });

  it('is due two months later once it is extended', () => {
    expect(extendedDue('2026-12-20T12:00:00.000Z')).toBe('2027-02-20T12:00:00.000Z');
    expect(extendedDue('2026-12-31T12:00:00.000Z')).toBe('2027-02-28T12:00:00.000Z');
    expect(extendedDue(dueAt('2026-11-20T09:30:00.000Z', 'CN'))).toBe('2027-02-05T12:00:00.000Z');
  });
});
