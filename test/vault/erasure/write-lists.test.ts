// Writing tombstone lists: one for all erasures of an event, the same bytes whichever process writes it, before a pass is done.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tombstonePath } from '../../../src/envelope/tenant-blob.ts';
import { tombstoneListPath } from '../../../src/envelope/tombstone-list.ts';
import { VaultError } from '../../../src/errors.ts';
import type { NewEvent } from '../../../src/model/audit-event.ts';
import type { NewErasure } from '../../../src/model/erasure.ts';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { shred } from '../../../src/vault/erasure/shred.ts';
import { ENGINES } from '../../support/engines.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';

const by = operatorActor('op-1');

describe.each(ENGINES)('the tombstone list of a batch over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;
  let recordings: string[];

  beforeEach(async () => {
    ({ tenant } = world.harbour);
    recordings = [];
    for (const n of [1, 2, 3]) recordings.push(await world.ingested(world.harbour, `call-${n}`));
  });

  /** Begins the erasure of all recordings by one event; `nameOf` names their tombstone. Returns the event. */
  const erase = async (nameOf: (event: string, at: string, recording: string) => string): Promise<string> => {
    const { result } = await world.vault.db.change(async (tx) => {
      const what = { type: 'recording', id: recordings[0] ?? '', reason: 'retention' } as const;
      const began = event(tenant, by, 'recording.erasing', what, {});
      const events: NewEvent[] = [began];
      const erasures: NewErasure[] = [];
      for (const id of recordings) {
        const row = await tx.recordings.lock(tenant, id);
        if (row === null) throw new Error('no recording');
        const shredded = await shred(tx, by, row, nameOf(began.id, await tx.now(), id), world.request());
        events.push(...shredded.events);
        erasures.push(shredded.erasure);
      }
      return { result: began.id, events, erasures };
    }, world.request());
    return result;
  };
  const listName = (id: string, at: string) => tombstoneListPath(tenant, id, at);
  const erasures = () =>
    world.read(async (rows) => {
      const found = [];
      for (const recording of recordings) found.push(await rows.erasures.find(tenant, recording));
      return found;
    });
  const listed = async (name: string) => {
    const bytes = await readFile(join(world.folder, 'store', name), 'utf8');
    return JSON.parse(bytes) as { event: string; erased: { recording: string; natural?: string }[] };
  };
  /** The vault with `before` ahead of each put of a list. */
  const beforeLists = (before: () => Promise<void>): Vault => {
    const { store } = world.vault;
    return {
      ...world.vault,
      store: {
        ...store,
        put: async (place, path, ...rest) => {
          if (path.includes('/x/')) await before();
          return store.put(place, path, ...rest);
        },
      },
    };
  };

  it.skipIf(!present)('has all its recordings with their natural keys, and is written once', async () => {
    const began = await erase(listName);
    let puts = 0;
    const counted = beforeLists(async () => {
      puts++;
    });
    expect(await world.on(counted)).toBe(3);
    const names = await world.lists(tenant);
    expect([puts, names]).toEqual([1, [expect.stringContaining(`/${began}.json`)]]);
    const said = await listed(names[0] ?? '');
    expect(said.event).toBe(began);
    expect(said.erased.map(({ recording }) => recording)).toEqual([...recordings].sort());
    expect(said.erased.every(({ natural }) => Buffer.from(natural ?? '', 'base64').length === 16)).toBe(true);
    expect((await erasures()).map((one) => one?.list)).toEqual(Array(3).fill(names[0]));
  });

  it.skipIf(!present)('is the same whichever of two processes writes it', async () => {
    await erase(listName);
    const rounds = await Promise.all([world.on(), world.on(), world.on()]);
    expect(rounds.reduce((sum, n) => sum + n)).toBe(3);
    const names = await world.lists(tenant);
    expect(names).toHaveLength(1);
    expect((await listed(names[0] ?? '')).erased).toHaveLength(3);
    expect((await erasures()).map((one) => [one?.list, one?.pass])).toEqual(Array(3).fill([names[0], 1]));
  });

  it.skipIf(!present)('holds up the pass while the store does not accept it', async () => {
    await erase(listName);
    const away = beforeLists(() => Promise.reject(new VaultError('store_unavailable', 'planted')));
    await expect(world.on(away)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect((await erasures()).map((one) => [one?.list, one?.pass])).toEqual(Array(3).fill([null, 0]));
    expect(await world.lists(tenant)).toEqual([]);
    world.forward(61_000);
    expect(await world.on()).toBe(3);
    expect(await world.lists(tenant)).toHaveLength(1);
  });

  it.skipIf(!present)('also records erasures that a version with tombstones of one recording began', async () => {
    const began = await erase((_id, at, recording) => tombstonePath(tenant, recording, at));
    expect(await world.on()).toBe(3);
    const names = await world.lists(tenant);
    expect(names).toEqual([expect.stringContaining(`/${began}.json`)]);
    expect((await listed(names[0] ?? '')).erased).toHaveLength(3);
  });
});
