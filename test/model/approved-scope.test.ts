// The scope of approvals.
import { describe, expect, it } from 'vitest';
import { approvedScope, requireWithinRequest } from '../../src/model/approved-scope.ts';

const asked = { minutes: 30, objects: ['audio', 'transcript'] };
const NOW = '2026-11-25T12:00:00.000Z';
const later = (hours: number): string => new Date(Date.parse(NOW) + hours * 3_600_000).toISOString();
const rule = { windowHours: 8, extendMinutes: 10 };
const all = { minutes: null, objects: null, opensUntil: null, extendMinutes: null };

describe('approvals', () => {
  it.each([
    {},
    { minutes: 30 },
    { minutes: 1, objects: ['audio'] },
    { objects: ['audio', 'transcript'] },
    { opensUntil: later(8), extend: true },
    { opensUntil: later(1), extend: false },
  ])('may grant %o', (narrowing) => {
    expect(() => requireWithinRequest(asked, narrowing, rule, NOW)).not.toThrow();
  });

  it('cannot exceed the request', () => {
    const wider = { minutes: 31, objects: ['audio', 'export'], opensUntil: later(8.01) };
    const pointers = [
      { pointer: '/minutes', detail: 'exceeds the request' },
      { pointer: '/objects', detail: 'has an object that was not requested' },
      { pointer: '/opens_until', detail: 'is later than the policy allows' },
    ];
    expect(() => requireWithinRequest(asked, wider, rule, NOW)).toThrow(
      expect.objectContaining({ code: 'malformed', fields: pointers }),
    );
  });

  it.each([
    ['/opens_until', { opensUntil: NOW }, rule],
    ['/opens_until', { opensUntil: later(1) }, {}],
    ['/extend', { extend: true }, { windowHours: 8 }],
  ])('cannot set %s to %o under the rule %o', (pointer, narrowing, under) => {
    expect(() => requireWithinRequest(asked, narrowing, under, NOW)).toThrow(
      expect.objectContaining({ code: 'malformed', fields: [expect.objectContaining({ pointer })] }),
    );
  });

  it('grant the fewest minutes and the common objects', () => {
    const clock = { opensUntil: later(8), extendMinutes: 10 };
    expect(approvedScope(asked, [all], rule, NOW)).toEqual({ ...asked, ...clock });
    const fewer = [all, { ...all, minutes: 10, objects: ['audio'] }, { ...all, minutes: 20 }];
    expect(approvedScope(asked, fewer, rule, NOW)).toEqual({ minutes: 10, objects: ['audio'], ...clock });
    const none = [
      { ...all, objects: ['audio'] },
      { ...all, objects: ['transcript'] },
    ];
    expect(approvedScope(asked, none, rule, NOW)).toEqual({ fault: 'objects_not_allowed' });
  });

  it('grant the earliest end of the window, and an extension that all include', () => {
    const early = [{ ...all, opensUntil: later(2) }, { ...all, opensUntil: later(1), extendMinutes: 0 }, all];
    expect(approvedScope(asked, early, rule, NOW)).toEqual({ ...asked, opensUntil: later(1), extendMinutes: null });
    // A rule that became stricter since an approval counts.
    expect(approvedScope(asked, [{ ...all, opensUntil: later(8) }], { windowHours: 4 }, NOW)).toEqual({
      ...asked,
      opensUntil: later(4),
      extendMinutes: null,
    });
  });

  it('grant nothing once the window that one of them left has ended', () => {
    const over = [{ ...all, opensUntil: later(1) }, all];
    expect(approvedScope(asked, over, rule, later(0.99))).toMatchObject({ opensUntil: later(1) });
    expect(approvedScope(asked, over, rule, later(1))).toEqual({ fault: 'window_over' });
  });

  it('start the clock themselves under a policy without a window', () => {
    expect(approvedScope(asked, [all], {}, NOW)).toEqual({ ...asked, opensUntil: null, extendMinutes: null });
  });
});
