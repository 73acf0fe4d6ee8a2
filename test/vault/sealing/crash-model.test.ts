// Sealing under every kind of interleaving: two processes seal one log, and each may be killed between any two steps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { type SealedTrees, sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { checkPublished } from '../../support/published-history.ts';
import { grow, LOG, request, type SealingDeps, sealedLog } from '../../support/sealing.ts';
import { SEALING_STEPS as STEPS, steppedSealing } from '../../support/stepped-ports.ts';
import { type Step, type SteppedProcess, steppedProcess } from '../../support/stepped-process.ts';

/** Each step with the one before it: a process that ends at the second has done the first. */
const pairsOf = (steps: readonly string[]): string[] =>
  steps.flatMap((step, n) => (n === 0 ? [] : [`${steps[n - 1]} | ${step}`]));

/** A process that seals. */
function processOver(deps: SealingDeps): SteppedProcess {
  let trees: SealedTrees = new Map();
  const seal = (step: Step): Promise<unknown> => sealLog(steppedSealing(deps, step), trees, LOG, request());
  return steppedProcess(seal, () => {
    trees = new Map();
  });
}

/** A log that was sealed before, or never was: the adoption is appended before its first seal. */
const PASTS = [
  { past: 'was sealed before', published: 1, steps: STEPS },
  { past: 'was never sealed', published: 0, steps: [...STEPS.slice(0, 5), 'append', 'appended', ...STEPS.slice(5)] },
];

describe('a process that seals a log', () => {
  it.each(PASTS)('is killed between each two steps where it $past, and another one seals the rest', async (given) => {
    const { published, steps } = given;
    const killed: string[] = [];
    const left: Record<string, readonly number[]> = {};
    for (let at = 1; ; at++) {
      const world = await sealedLog();
      try {
        await grow(world.deps, 2);
        if (published > 0) await sealLog(world.deps, new Map(), LOG, request());
        await grow(world.deps, 2);
        const one = processOver(await world.another());
        one.begin();
        for (let taken = 1; taken < at && !one.isIdle(); taken++) await one.go(false);
        const ended = one.isIdle();
        if (ended) expect(one.steps()).toEqual(steps);
        await one.go(true);
        expect(one.isIdle()).toBe(true);
        const last = one.steps().at(-1) ?? '';
        const seals = await world.deps.db.read((rows) => rows.seals.seals(LOG, 0, 10), request());
        const counts = [(await world.segments()).size, (await world.anchored()).size, seals.length];
        if (!ended) {
          killed.push(last);
          left[last] = counts.map((count) => count - published);
        }
        await grow(world.deps, 1);
        await sealLog(await world.another(), new Map(), LOG, request());
        const size = await world.deps.db.read((rows) => rows.log.size(LOG), request());
        await checkPublished(world, size);
        // The adoption is there once more where the first process ended before it published anything.
        expect(size).toBeGreaterThanOrEqual(6);
        if (ended) break;
      } finally {
        await world.end();
      }
    }
    expect(killed).toEqual(steps);
    // New segments, checkpoints of the anchor and seals of the database at the end.
    expect(left).toMatchObject({
      ...{ 'put segment': [0, 0, 0], 'segment is put': [1, 0, 0], 'put anchor': [1, 0, 0] },
      ...{ 'anchor is put': [1, 1, 0], commit: [1, 1, 0], committed: [1, 1, 1] },
    });
  });
});

describe('two processes that seal one log', () => {
  it('publish one history, whichever steps they take and wherever they are killed', async () => {
    const killed = new Set<string>();
    // Of a process that begins, `end` is how many steps it takes: as many kills at the last steps as at the first ones.
    const choice = fc.record({ who: fc.nat(1), end: fc.nat(2 * STEPS.length), grow: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 40, maxLength: 100 }), async (choices) => {
        const world = await sealedLog();
        try {
          const processes = [processOver(world.deps), processOver(await world.another())] as const;
          await grow(world.deps, 2);
          const ends = [0, 0];
          for (const { who, end, grow: more } of choices) {
            if (more === 0) await grow(world.deps, 1);
            const one = processes[who === 0 ? 0 : 1];
            if (one.isIdle()) {
              one.begin();
              ends[who] = end;
            }
            const kill = ends[who] === 0;
            await one.go(kill);
            if (kill && one.isIdle()) killed.add(pairsOf(one.steps()).at(-1) ?? '');
            ends[who] = (ends[who] ?? 0) - 1;
          }
          for (const one of processes) while (!one.isIdle()) await one.go(false);
          await sealLog(await world.another(), new Map(), LOG, request());
          const size = await world.deps.db.read((rows) => rows.log.size(LOG), request());
          await checkPublished(world, size);
          expect(await compareLog(world.deps, LOG, request())).toMatchObject({ differs: null, published: { size } });
        } finally {
          await world.end();
        }
      }),
      { numRuns: 120 },
    );
    // The random walks did kill between each pair of steps.
    expect([...killed]).toEqual(expect.arrayContaining(pairsOf(STEPS)));
  });
});
