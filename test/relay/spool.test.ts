// The spool under faults: at every point, each call is somewhere whole, and in the end the vault has each once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, type Plan, type Played, play } from './model/play.ts';

const CALLS = [
  { at: 0, bytes: 100, sidecar: true },
  { at: 3_000, bytes: 40, sidecar: true },
  { at: 20_000, bytes: 64, sidecar: false },
];

/** What is wrong with the end of a run. */
function problemsOf({ problems, stored, written, left, rejected }: Played): string[] {
  const kept = [...stored.values(), ...rejected];
  const lost = [...written].filter(([, versions]) => !kept.some((data) => data.equals(versions.at(-1) as Buffer)));
  const twice = [...written].filter(([, versions]) => {
    const calls = [...stored.values()].filter((data) => versions.some((version) => version.equals(data)));
    return versions.length === 1 && calls.length !== 1;
  });
  return [
    ...problems,
    ...lost.map(([id]) => `${id} is lost`),
    ...twice.map(([id]) => `${id} is not stored exactly once`),
    ...left.map((path) => `left: ${path}`),
  ];
}

async function check(plan: Plan): Promise<void> {
  const played = await play(plan);
  expect(problemsOf(played)).toEqual([]);
  if (!plan.faults.some(({ what }) => what === 'replace' || what === 'append')) expect(played.rejected).toEqual([]);
}

const WHAT: readonly Fault['what'][] = [
  'kill',
  'power',
  'full',
  'clock',
  'lost answers',
  'outage',
  'second relay',
  'replace',
  'append',
];

describe('the spool', () => {
  it('stores every call once, and leaves nothing behind', async () => {
    await check({ calls: CALLS, faults: [], seed: 1 });
  });

  it.each(WHAT)('survives %s after each step', async (what) => {
    const { steps } = await play({ calls: CALLS.slice(0, 2), faults: [], seed: 1 });
    expect(steps).toBeGreaterThan(100);
    // The steps of the first calls; later ones list empty folders.
    for (let step = 1; step <= 260; step++)
      await check({ calls: CALLS.slice(0, 2), faults: [{ step, what }], seed: step });
  });

  it('survives any faults at any steps', async () => {
    const fault = fc.record({ step: fc.integer({ min: 1, max: 900 }), what: fc.constantFrom(...WHAT) });
    const call = fc.record({
      at: fc.integer({ min: 0, max: 60_000 }),
      bytes: fc.integer({ min: 2, max: 200 }),
      sidecar: fc.boolean(),
    });
    const plan = fc.record({
      calls: fc.array(call, { minLength: 1, maxLength: 5 }),
      faults: fc.array(fault, { maxLength: 8 }),
      seed: fc.nat(),
    });
    await fc.assert(fc.asyncProperty(plan, check), { numRuns: 2000 });
  });
});
