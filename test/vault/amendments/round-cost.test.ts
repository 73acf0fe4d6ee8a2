// What the rounds for entries cost the database: an idle one looks once, and finds nothing.
import { describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import { commentFiler } from '../../../src/vault/amendments/file-comments.ts';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import { ENGINES } from '../../support/engines.ts';
import { addEntries } from '../../support/entries.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { countQueries } from '../../support/query-counts.ts';

describe.each(ENGINES)('rounds for entries over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);

  it.skipIf(!present)('need one statement where there is nothing to do', async () => {
    const [store, file] = [entryStorer(world.vault, () => undefined), commentFiler(world.vault, () => undefined)];
    for (const round of [store, file]) {
      await round(world.request());
      const { counted, texts } = await countQueries(() => round(world.request()));
      expect({ ...counted, roundTrips: 0 }, texts.join('\n')).toEqual({
        ...{ statements: 1, reads: 1, writes: 0, roundTrips: 0 },
      });
      expect(counted.roundTrips).toBeLessThanOrEqual(2);
    }
  });

  it.skipIf(!present)('read many streams together, and mark them in one write', async () => {
    const store = entryStorer(world.vault, () => undefined);
    const { tenant } = world.harbour;
    for (let n = 0; n < 20; n++) await addEntries(world.vault, tenant, newId('rec'), 1);
    const { counted, texts } = await countQueries(() => store(world.request()));
    // Twice: which streams wait. Once: the tenant, a page of each stream. Once: the marks.
    expect({ ...counted, roundTrips: 0 }, texts.join('\n')).toEqual({
      ...{ statements: 2 + 1 + 20 + 20, reads: 3, writes: 1, roundTrips: 0 },
    });
    expect(counted.roundTrips).toBeLessThanOrEqual(9);
  });
});
