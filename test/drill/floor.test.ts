// A small floor's week: as many proofs as leads need, every call heard, a log without findings.
import { describe, expect, it } from 'vitest';
import { playFloorWeek } from './floor.ts';

describe('a floor’s week', () => {
  it('takes a proof for each lead, and the log traces every session to two people', async () => {
    const result = await playFloorWeek({ teams: 2, reviewers: 3, calls: 4 });
    expect(result).toMatchObject({ reviewers: 6, calls: 24, proofs: 2, heard: 24, findings: [] });
  });
});
