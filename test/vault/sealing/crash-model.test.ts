// Sealing under every kind of interleaving: two processes seal one log, and each may be killed between any two steps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/bytes/digest.ts';
import { logName } from '../../../src/model/audit-event.ts';
import { readCheckpoint } from '../../../src/model/log/checkpoint.ts';
import { namedKey, openNote } from '../../../src/model/log/note.ts';
import { readSegment, segmentName, segmentSize } from '../../../src/model/log/segment.ts';
import { createEdge } from '../../../src/model/log/tree/edge.ts';
import { noteCrypto } from '../../../src/vault/core/proofs/note-crypto.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { type SealedTrees, sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { ORIGIN } from '../../support/fixture-rows.ts';
import {
  grow,
  LOG,
  request,
  type SealedLogWorld,
  type SealingDeps,
  sealedLog,
  steppedDatabase,
  steppedStore,
} from '../../support/sealing.ts';
import { type Step, type SteppedProcess, steppedProcess } from '../../support/stepped-process.ts';

const NAME = logName(ORIGIN, LOG);

/** A process that seals. */
function processOver(deps: SealingDeps): SteppedProcess {
  let trees: SealedTrees = new Map();
  const { anchor } = deps;
  const seal = (step: Step): Promise<unknown> => {
    const stepped: SealingDeps = {
      ...deps,
      db: steppedDatabase(deps.db, step),
      store: steppedStore(deps.store, step),
      anchor: anchor === null ? null : { ...anchor, store: steppedStore(anchor.store, step) },
    };
    return sealLog(stepped, trees, LOG, request());
  };
  return steppedProcess(seal, () => {
    trees = new Map();
  });
}

/** Everything that was published is signed, agrees, and covers the log from its first event to `size`. */
async function checkPublished(world: SealedLogWorld, size: number): Promise<void> {
  const keys = world.deps.signer.keys.map((key) => namedKey(NAME, key, noteCrypto.sha256));
  const events = await world.deps.db.read((rows) => rows.log.events(LOG, 0, 1_000), request());
  const roots = new Map<number, string>();
  const edge = createEdge(noteCrypto.sha256);
  for (const { leaf } of events) {
    edge.add(sha256(Buffer.of(0), leaf));
    roots.set(edge.size(), Buffer.from(edge.root()).toString('hex'));
  }
  const rootOf = (note: string): number => {
    const checkpoint = readCheckpoint(openNote(note, keys, noteCrypto) ?? '') ?? expect.fail('not signed');
    expect(Buffer.from(checkpoint.root).toString('hex')).toBe(roots.get(checkpoint.size));
    return checkpoint.size;
  };
  let covered = 0;
  for (const [name, bytes] of [...(await world.segments())].reverse()) {
    const segment = readSegment(bytes) ?? expect.fail('not a segment');
    const end = rootOf(segment.note);
    expect(segmentSize(name)).toBe(end);
    const first = end - segment.leaves.length;
    expect(first, 'no event is missing before a segment').toBeLessThanOrEqual(covered);
    for (const [n, leaf] of segment.leaves.entries())
      expect(Buffer.from(leaf)).toEqual(Buffer.from(events[first + n]?.leaf ?? ''));
    covered = Math.max(covered, end);
  }
  expect(covered).toBe(size);
  const seals = await world.deps.db.read((rows) => rows.seals.seals(LOG, 0, 1_000), request());
  const names = new Set((await world.segments()).keys());
  for (const { size: sealed, note } of seals) {
    expect(rootOf(note)).toBe(sealed);
    expect(names.has(segmentName(sealed)), 'a seal in the database is in the store').toBe(true);
  }
  for (const [name, note] of await world.anchored()) expect(segmentSize(name)).toBe(rootOf(note.toString()));
}

describe('two processes that seal one log', () => {
  it('publish one history, whichever steps they take and wherever they are killed', async () => {
    const seen = new Set<string>();
    const choice = fc.record({ who: fc.nat(1), kill: fc.nat(9), grow: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 20, maxLength: 60 }), async (choices) => {
        const world = await sealedLog();
        try {
          const processes = [processOver(world.deps), processOver(await world.another())] as const;
          await grow(world.deps, 2);
          for (const { who, kill, grow: more } of choices) {
            if (more === 0) await grow(world.deps, 1);
            const one = processes[who === 0 ? 0 : 1];
            if (one.isIdle()) one.begin();
            await one.go(kill === 0);
            const last = one.steps().at(-1);
            if (kill === 0 && last !== undefined) seen.add(last);
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
      { numRuns: 80 },
    );
    // The random walks did kill at each kind of step.
    expect([...seen].sort()).toEqual(
      ['change', 'change-done', 'first', 'note', 'note-done', 'put', 'put-done', 'read'].sort(),
    );
  });
});
