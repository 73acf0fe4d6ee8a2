// What approvals leave of a request.
import { describe, expect, test } from 'vitest';
import { approvedScope, requireWithinRequest } from '../../src/model/approved-scope.ts';

const asked = { minutes: 30, objects: ['audio', 'transcript'] };

describe('approvals', () => {
  test.each([{}, { minutes: 30 }, { minutes: 1, objects: ['audio'] }, { objects: ['audio', 'transcript'] }])(
    'may leave %o',
    (narrowing) => {
      expect(() => requireWithinRequest(asked, narrowing)).not.toThrow();
    },
  );

  test('give no more than was asked for', () => {
    const wider = { minutes: 31, objects: ['audio', 'export'] };
    const pointers = [
      { pointer: '/minutes', detail: 'is more than was asked for' },
      { pointer: '/objects', detail: 'has what was not asked for' },
    ];
    expect(() => requireWithinRequest(asked, wider)).toThrow(
      expect.objectContaining({ code: 'malformed', fields: pointers }),
    );
  });

  test('leave the fewest minutes and what none of them took', () => {
    const all = { minutes: null, objects: null };
    expect(approvedScope(asked, [all])).toEqual(asked);
    expect(approvedScope(asked, [all, { minutes: 10, objects: ['audio'] }, { minutes: 20, objects: null }])).toEqual({
      minutes: 10,
      objects: ['audio'],
    });
    const none = [
      { minutes: null, objects: ['audio'] },
      { minutes: null, objects: ['transcript'] },
    ];
    expect(() => approvedScope(asked, none)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });
});
