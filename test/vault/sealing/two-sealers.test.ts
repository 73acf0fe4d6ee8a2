// Two processes seal one log at the same time while it grows: one history is published, and both go on.
import { describe, expect, it } from 'vitest';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { type SealedTrees, sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { logSealer } from '../../../src/vault/sealing/seal-logs.ts';
import { ENGINES } from '../../support/engines.ts';
import { checkPublished } from '../../support/published-history.ts';
import { grow, LOG, request, type SealedLogWorld, type SealingDeps, sealedLog } from '../../support/sealing.ts';

/** Sealers of which each waits with its segment until the other has one too, or has ended its round. */
function meeting() {
  const at = new Set<number>();
  const busy = new Set<number>();
  let changed = (): void => undefined;
  let change = Promise.resolve();
  const next = (): void => {
    changed();
    change = new Promise((resolve) => {
      changed = resolve;
    });
  };
  next();
  return {
    /** Runs a round of this sealer. */
    run: async <T>(which: number, round: () => Promise<T>): Promise<T> => {
      busy.add(which);
      try {
        return await round();
      } finally {
        busy.delete(which);
        next();
      }
    },
    wait: async (which: number): Promise<void> => {
      at.add(which);
      next();
      while ([...busy].some((one) => !at.has(one))) await change;
      // The other may not have looked yet.
      setImmediate(() => {
        at.delete(which);
        next();
      });
    },
  };
}

type Meeting = ReturnType<typeof meeting>;

/** The same dependencies, for a sealer of a meeting; `names` gets each segment that it puts. */
function met(deps: SealingDeps, which: number, { wait }: Meeting, names: Set<string>): SealingDeps {
  const put: SealingDeps['store']['put'] = async (location, path, ...rest) => {
    await wait(which);
    names.add(path);
    await deps.store.put(location, path, ...rest);
  };
  return { ...deps, store: { ...deps.store, put } };
}

type Sealing = {
  /** Events that each of them sealed. */
  readonly sealed: readonly number[];
  /** Names of segments that both put. */
  readonly shared: readonly string[];
  readonly errors: readonly unknown[];
};

/** Seals at the same time in forty rounds. Events are appended in between, so that both see the same ones, or meanwhile. */
async function sealTogether(
  world: SealedLogWorld,
  seal: (deps: SealingDeps) => () => Promise<number>,
): Promise<Sealing> {
  const names = [new Set<string>(), new Set<string>()] as const;
  const sealed = [0, 0];
  const errors: unknown[] = [];
  const place = meeting();
  const open = async (which: 0 | 1) => {
    const deps = met(await world.another(), which, place, names[which]);
    const round = seal(deps);
    return () => place.run(which, round);
  };
  const [one, other, writer] = [await open(0), await open(1), await world.another()];
  for (let round = 0; round < 40; round++) {
    if (round % 2 === 0) await grow(writer, 3);
    const meanwhile = round % 2 === 0 ? 0 : 3;
    const [first, second, grown] = await Promise.allSettled([one(), other(), grow(writer, meanwhile)]);
    for (const [n, outcome] of [first, second].entries())
      if (outcome.status === 'fulfilled') sealed[n] = (sealed[n] ?? 0) + outcome.value;
    for (const outcome of [first, second, grown]) if (outcome.status === 'rejected') errors.push(outcome.reason);
  }
  return { sealed, shared: [...names[0]].filter((name) => names[1].has(name)), errors };
}

describe.each(ENGINES)('two that seal one log at the same time on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');

  it.each([
    [
      'by themselves',
      (deps: SealingDeps) => {
        const trees: SealedTrees = new Map();
        return async () => (await sealLog(deps, trees, LOG, request())).events;
      },
    ],
    [
      'in rounds of the background',
      (deps: SealingDeps) => {
        const round = logSealer(deps, () => undefined);
        return () => round(request());
      },
    ],
  ])('publish one history while events are appended: %s', async (_name, seal) => {
    const world = await sealedLog(engine);
    try {
      const { sealed, shared, errors } = await sealTogether(world, seal);
      expect(errors).toEqual([]);
      for (const events of sealed) expect(events).toBeGreaterThan(0);
      expect(shared.length, 'both put the same segment').toBeGreaterThan(5);
      await sealLog(world.deps, new Map(), LOG, request());
      const size = await world.deps.db.read((rows) => rows.log.size(LOG), request());
      await checkPublished(world, size);
      const state = await world.deps.db.read((rows) => rows.log.state(LOG), request());
      expect(state).toMatchObject({ size, held: null });
      expect(await compareLog(world.deps, LOG, request())).toMatchObject({ differs: null, published: { size } });
    } finally {
      await world.end();
    }
  });
});
