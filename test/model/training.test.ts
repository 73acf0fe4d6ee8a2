// Training that a purpose requires: missing, counting, and over in every time zone.
import { describe, expect, it } from 'vitest';
import { firstFailure } from '../../src/model/check.ts';
import { defaultPolicy, type Policy } from '../../src/model/policy.ts';
import { requiresTraining, trainingChecks, trainingEnds } from '../../src/model/training.ts';

const free = defaultPolicy(24);
const policy: Policy = {
  ...free,
  purposes: { ...free.purposes, quality: { ...(free.purposes.quality ?? never()), training: true } },
};

function never(): never {
  throw new Error('the default policy allows quality');
}

describe('training', () => {
  it.each([
    [null, '2027-03-01T00:00:00.000Z', 'training_missing'],
    ['2027-03-31', '2027-03-01T00:00:00.000Z', undefined],
    ['2027-03-31', '2027-04-01T11:59:59.999Z', undefined],
    ['2027-03-31', '2027-04-01T12:00:00.000Z', 'training_expired'],
  ])('until %s, at %s: %s', (trainedUntil, now, code) => {
    expect(firstFailure(trainingChecks({ policy, person: { trainedUntil } }, 'quality', now))).toBe(code);
  });

  it('is not checked for a purpose that requires none', () => {
    expect(trainingChecks({ policy, person: { trainedUntil: null } }, 'complaint', '2027-03-01T00:00:00.000Z')).toEqual(
      [],
    );
    expect([requiresTraining(policy), requiresTraining(free)]).toEqual([true, false]);
    expect(trainingEnds('2028-02-29')).toBe('2028-03-01T12:00:00.000Z');
  });
});
