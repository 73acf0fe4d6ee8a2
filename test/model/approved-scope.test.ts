// The scope of approvals.
import { describe, expect, it } from 'vitest';
import { approvedScope, requireWithinRequest } from '../../src/model/approved-scope.ts';

const asked = { minutes: 30, objects: ['audio', 'transcript'] };

describe('approvals', () => {
  it.each([{}, { minutes: 30 }, { minutes: 1, objects: ['audio'] }, { objects: ['audio', 'transcript'] }])(
    'may grant %o',
    (narrowing) => {
      expect(() => requireWithinRequest(asked, narrowing)).not.toThrow();
    },
  );

  it('cannot exceed the request', () => {
    const wider = { minutes: 31, objects: ['audio', 'export'] };
    const pointers = [
      { pointer: '/minutes', detail: 'exceeds the request' },
      { pointer: '/objects', detail: 'has an object that was not requested' },
    ];
    expect(() => requireWithinRequest(asked, wider)).toThrow(
      expect.objectContaining({ code: 'malformed', fields: pointers }),
    );
  });

  it('grant the fewest minutes and the common objects', () => {
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
