// A restore under every kind of interleaving: two restore and one seals, and each may be killed between any two steps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, type StoredEvent } from '../../../src/model/audit-event.ts';
import type { Database } from '../../../src/ports/database.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { restore, type Saved } from '../../support/restoring.ts';
import { grow, LOG, request, type SealedLogWorld, type SealingDeps, sealedLog } from '../../support/sealing.ts';
import { sqliteDatabase } from '../../support/sqlite-database.ts';
import { steppedDatabase, steppedStore } from '../../support/stepped-ports.ts';
import { type Step, type SteppedProcess, steppedProcess } from '../../support/stepped-process.ts';

const eventsOf = ({ db }: Pick<SealingDeps, 'db'>): Promise<StoredEvent[]> =>
  db.read((rows) => rows.log.events(LOG, 0, 1_000), request());

/** How the database went back: it has this many of the published events, and then so many others. */
type Past = { readonly kept: number; readonly others: number };

type Rolled = {
  readonly open: () => Promise<SealingDeps>;
  readonly first: SealingDeps;
  readonly end: () => Promise<void>;
};

/** A database with an older or another history than what was published. */
async function rolledBack(world: SealedLogWorld, { kept, others }: Past): Promise<Rolled> {
  const events = (await eventsOf(world.deps)).slice(0, kept);
  const tested = await sqliteDatabase();
  const first = await world.over(tested);
  await tested.insert(
    'audit_event',
    events.map((one) => ({ ...one, id: `evt_${one.seq}` })),
  );
  if (kept > 0) await tested.insert('audit_head', [{ log: LOG, size: kept, mark: '2026-01-01T00:00:00.000Z' }]);
  await grow(first, others);
  const handles: Database[] = [];
  return {
    first,
    open: async () => {
      const db = await tested.open();
      handles.push(db);
      return { ...first, db };
    },
    end: async () => {
      for (const db of handles) await db.close();
    },
  };
}

/** Steps before each call of store and database. The store's segments are read by `get`. */
function stepped(deps: SealingDeps, step: Step): SealingDeps {
  const store = steppedStore(deps.store, step);
  return {
    ...deps,
    db: steppedDatabase(deps.db, step),
    store: {
      ...store,
      get: async (...args) => {
        await step('get');
        return deps.store.get(...args);
      },
    },
  };
}

function restorer(deps: SealingDeps, saved: Saved): SteppedProcess {
  return steppedProcess(async (step) => {
    const own: Saved = [];
    try {
      await restore(stepped(deps, step), own, {
        save: async (events) => {
          for await (const one of events) own.push(one);
          await step('save');
          saved.push(...own);
        },
      });
    } catch (error) {
      // Two that restore at once may both have to run again.
      if ((error as { code?: string }).code !== 'conflict') throw error;
    }
  });
}

function sealer(deps: SealingDeps): SteppedProcess {
  return steppedProcess(async (step) => {
    try {
      await sealLog(stepped(deps, step), new Map(), LOG, request());
    } catch (error) {
      // It differs, or is held.
      if (!['integrity', 'audit_unavailable'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  });
}

/** Nine events in three segments. */
async function publish(world: SealedLogWorld): Promise<StoredEvent[]> {
  const trees = new Map();
  for (const more of [3, 2, 3]) {
    await grow(world.deps, more);
    await sealLog(world.deps, trees, LOG, request());
  }
  return eventsOf(world.deps);
}

describe('a process that restores a log', () => {
  it.each([
    ['an empty database', { kept: 0, others: 0 }, ['note', 'note-done']],
    ['an older one', { kept: 5, others: 0 }, ['note', 'note-done']],
    ['one with other events', { kept: 5, others: 3 }, ['save']],
  ] as const)('is killed at each of its steps, and then completes: %s', async (_name, past, also) => {
    const world = await sealedLog();
    try {
      const published = await publish(world);
      const killedAt = new Set<string>();
      for (let at = 1; ; at++) {
        const rolled = await rolledBack(world, past);
        const forked = await eventsOf(rolled.first);
        const saved: Saved = [];
        const one = restorer(await rolled.open(), saved);
        one.begin();
        let taken = 1;
        for (; taken < at && !one.isIdle(); taken++) await one.go(false);
        const ended = one.isIdle();
        if (!ended) {
          await one.go(true);
          while (!one.isIdle()) await one.go(true);
          killedAt.add(one.steps().at(-1) ?? '');
        }
        const last = await rolled.open();
        await restore(last, saved);
        await checkRestored(last, { published, forked, saved, kept: past.kept });
        await rolled.end();
        if (ended) break;
      }
      for (const step of ['read', 'get', 'repair', 'repair-done', 'change', 'change-done', ...also])
        expect([...killedAt]).toContain(step);
    } finally {
      await world.end();
    }
  });
});

describe('two processes that restore one log, and one that seals it', () => {
  it('end with the published events, one log.restored and its whole extent, wherever they are killed', async () => {
    const past = fc.record({ kept: fc.nat(9), others: fc.nat(4) });
    const choice = fc.record({ who: fc.nat(2), kill: fc.nat(24) });
    await fc.assert(
      fc.asyncProperty(past, fc.array(choice, { minLength: 60, maxLength: 160 }), async (before, choices) => {
        const world = await sealedLog();
        try {
          const published = await publish(world);
          const rolled = await rolledBack(world, before);
          const forked = await eventsOf(rolled.first);
          const saved: Saved = [];
          try {
            const processes = [
              restorer(await rolled.open(), saved),
              restorer(await rolled.open(), saved),
              sealer(await rolled.open()),
            ];
            for (const { who, kill } of choices) {
              const one = processes[who] ?? expect.fail('no such process');
              if (one.isIdle()) one.begin();
              await one.go(kill === 0);
            }
            for (const one of processes) while (!one.isIdle()) await one.go(false);
            const last = await rolled.open();
            await restore(last, saved);
            await checkRestored(last, { published, forked, saved, kept: before.kept });
          } finally {
            await rolled.end();
          }
        } finally {
          await world.end();
        }
      }),
      { numRuns: 40 },
    );
  });
});

type Ended = {
  readonly published: readonly StoredEvent[];
  readonly forked: readonly StoredEvent[];
  readonly saved: Saved;
  readonly kept: number;
};

async function checkRestored(deps: SealingDeps, { published, forked, saved, kept }: Ended): Promise<void> {
  const after = await eventsOf(deps);
  expect(after.slice(0, published.length)).toEqual(published);
  expect(after.map(({ hash }) => Buffer.from(hash))).toEqual(after.map(({ leaf }) => leafHash(leaf)));
  const parsed = after.map(
    ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: object },
  );
  const restored = parsed.filter(({ action }) => action === 'log.restored');
  const whole = kept === published.length;
  expect(restored).toMatchObject(whole ? [] : [{ object: { from: kept, to: published.length - 1 } }]);
  if (!whole) {
    const names = new Set(saved.map(({ seq, hash }) => `${seq} ${Buffer.from(hash).toString('hex')}`));
    for (const { seq, hash } of forked.slice(kept))
      expect(names.has(`${seq} ${Buffer.from(hash).toString('hex')}`), 'what was removed was saved').toBe(true);
  }
  await grow(deps, 1);
  expect(await compareLog(deps, LOG, request())).toMatchObject({ differs: null });
}
