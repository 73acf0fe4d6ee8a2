// Groups of calls with the same other party.
import { describe, expect, it } from 'vitest';
import { otherParty, sameNumberGroups } from '../../src/model/same-number.ts';

describe('calls with the same number', () => {
  it('are groups in the order of the list; a number alone and none are no group', () => {
    expect(sameNumberGroups(['b', 'a', null, 'b', 'c', null, 'a', 'b'])).toEqual([1, 2, null, 1, null, null, 2, 1]);
    expect(sameNumberGroups([])).toEqual([]);
  });

  it('are compared by the other party, not the agent', () => {
    const numbers = { from: '+1', to: '+2' };
    expect(otherParty({ direction: 'inbound', numbers })).toBe('+1');
    expect(otherParty({ direction: 'outbound', numbers })).toBe('+2');
    expect(otherParty({ direction: null, numbers: undefined })).toBe(null);
  });
});
