// Expiry day by day in small: what is erased is what a naive archive says, and the log has no findings.
import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../support/engines.ts';
import { freshDatabase } from '../../support/servers/postgres.ts';
import { serverOf } from '../../support/servers/servers.ts';
import { playExpiry } from './expiry-days.ts';

const SMALL = { recordings: 300, days: 14, passes: true };

describe.each(ENGINES)('expiry day by day on $engine $reason', ({ engine, present }) => {
  it.runIf(present)('erases what a naive archive says, day by day', async () => {
    const postgres = engine === 'sqlite' ? undefined : await freshDatabase(await serverOf(engine));
    const { findings, differences, ...result } = await playExpiry({ ...SMALL, seed: 7, postgres }, () => undefined);
    expect({ differences, findings }).toEqual({ differences: [], findings: [] });
    // A comparison of nothing would find nothing.
    const { rules, holds, restricted, withdrawn, amended, corrected, erased } = result;
    expect(Math.min(rules - 1, holds, restricted, withdrawn, amended, corrected)).toBeGreaterThan(0);
    expect(erased).toBeGreaterThan(SMALL.recordings / 2);
  });
});
