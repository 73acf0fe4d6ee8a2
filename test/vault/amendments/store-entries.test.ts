// Blobs of amendment entries: order, marks, forks, stores that are unavailable, two processes, erasures, on both databases.
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import { VaultError } from '../../../src/errors.ts';
import { locationOf } from '../../../src/model/tenant.ts';
import type { ObjectStore } from '../../../src/ports/object-store.ts';
import type { AmendmentBacklog } from '../../../src/ports/rows/amendment-rows.ts';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { ENGINES } from '../../support/engines.ts';
import { addEntries, entriesOf, otherBranch, storedStream } from '../../support/entries.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { gate } from '../../support/fixture-rows.ts';

const HOUR = 3_600_000;

describe.each(ENGINES)('blobs of entries over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;
  let round: ReturnType<typeof entryStorer>;
  let backlogs: AmendmentBacklog[];
  let puts: string[];

  beforeEach(() => {
    ({ tenant } = world.harbour);
    backlogs = [];
    puts = [];
    if (present) round = storer();
  });

  /** A process's rounds over a store whose puts first run `before`. */
  const storer = (before: (path: string) => Promise<void> | void = () => undefined, by: Vault = world.vault) => {
    const { store } = by;
    const put: ObjectStore['put'] = async (place, path, bytes, op, wait) => {
      await before(path);
      await store.put(place, path, bytes, op, wait);
      puts.push(path);
    };
    return entryStorer({ ...by, store: { ...store, put } }, (backlog) => backlogs.push(backlog));
  };
  const turn = () => round(world.request());
  const add = (recording: string, count: number, of = tenant) => addEntries(world.vault, of, recording, count);
  const backlog = () => world.read((rows) => rows.amendments.backlog());
  const stream = async (recording: string, of = tenant) => {
    const { entries, fault } = await storedStream(world.vault, of, recording);
    return { entries: entries.length, fault: fault?.code ?? null };
  };
  const pathOf = async (recording: string, n: number): Promise<string> => {
    const entries = await entriesOf(world.vault, tenant, recording);
    return entries[n - 1]?.path ?? '';
  };
  const place = async () => {
    const row = await world.read((rows) => rows.tenants.find(tenant));
    if (row === null) throw new Error('no tenant');
    return locationOf(row);
  };
  const plant = async (path: string, bytes: Uint8Array = Buffer.from('other bytes')) =>
    world.vault.store.put(await place(), path, bytes, 'planted', world.request());
  const remove = async (path: string) => world.vault.store.delete(await place(), path, world.request());

  it.skipIf(!present)('are stored in the order of each stream, marked, and reported', async () => {
    const recordings = [newId('rec'), newId('rec'), newId('rec')];
    const [one = '', other = '', third = ''] = recordings;
    await add(one, 20);
    await add(other, 3);
    await add(third, 1, world.yunhai.tenant);
    expect(await turn()).toBe(24);
    expect(await backlog()).toEqual({ entries: 0, oldest: null });
    expect(backlogs.at(-1)).toEqual({ entries: 0, oldest: null });
    for (const recording of recordings) {
      const own = puts.filter((path) => path.includes(recording));
      expect(own).toEqual(own.toSorted());
    }
    expect(await stream(one)).toEqual({ entries: 20, fault: null });
    expect(await stream(other)).toEqual({ entries: 3, fault: null });
    expect(await stream(third, world.yunhai.tenant)).toEqual({ entries: 1, fault: null });
    await add(one, 1);
    expect([await turn(), await turn(), await stream(one)]).toEqual([1, 0, { entries: 21, fault: null }]);
    expect(puts).toHaveLength(25);
  });

  it.skipIf(!present)('are stored for a suspended tenant, and without a key', async () => {
    const recording = newId('rec');
    await add(recording, 2);
    await world.suspend(tenant);
    world.vault.metadataKeys.drop(tenant);
    const away = () => Promise.reject(new VaultError('key_service_unavailable', 'planted'));
    round = storer(undefined, { ...world.vault, keys: { ...world.vault.keys, unwrap: away } });
    expect(await turn()).toBe(2);
    expect(await world.names(recording)).toHaveLength(2);
  });

  it.skipIf(!present)('that were put before a crash are only marked', async () => {
    const recording = newId('rec');
    await add(recording, 3);
    const dead = async () => {
      throw new VaultError('database_unavailable', 'planted');
    };
    const dying = entryStorer({ ...world.vault, db: { ...world.vault.db, note: dead } }, () => undefined);
    await expect(dying(world.request())).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(await world.names(recording)).toHaveLength(3);
    expect(await backlog()).toMatchObject({ entries: 3 });
    expect([await turn(), await stream(recording)]).toEqual([3, { entries: 3, fault: null }]);
  });

  it.skipIf(!present)('are each stored once by two processes', async () => {
    const recordings = Array.from({ length: 12 }, () => newId('rec'));
    for (const recording of recordings) await add(recording, 4);
    const rounds = [storer(), storer()];
    const marked = await Promise.all(rounds.map((one) => one(world.request())));
    expect(marked.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(48);
    expect(await backlog()).toEqual({ entries: 0, oldest: null });
    for (const recording of recordings) expect(await stream(recording)).toEqual({ entries: 4, fault: null });
    expect(await world.names('/a/')).toHaveLength(48);
    expect(await world.names('.staging')).toEqual([]);
  });

  it.skipIf(!present)('of a store that is unavailable wait, ever longer, and go down by themselves', async () => {
    const [mine, theirs] = [newId('rec'), newId('rec')];
    await add(mine, 30);
    await add(theirs, 2, world.yunhai.tenant);
    let away = true;
    let tries = 0;
    round = storer((path) => {
      if (!path.includes(tenant)) return;
      tries++;
      if (away) throw new VaultError('store_unavailable', 'planted');
    });
    await expect(turn()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await stream(theirs, world.yunhai.tenant)).toEqual({ entries: 2, fault: null });
    expect(backlogs.at(-1)).toMatchObject({ entries: 30 });
    // An hour of a round each second.
    const errors: unknown[] = [];
    for (let second = 0; second < 3600; second += 5) {
      world.forward(5_000);
      await turn().catch((error: unknown) => errors.push(error));
    }
    expect(tries).toBeGreaterThan(50);
    expect(tries).toBeLessThan(80);
    expect(errors).toHaveLength(tries - 1);
    expect(await backlog()).toMatchObject({ entries: 30 });
    away = false;
    world.forward(60_000);
    expect(await turn()).toBe(30);
    expect(await stream(mine)).toEqual({ entries: 30, fault: null });
  });

  it.skipIf(!present)('stop their stream alone where a name has other bytes, and raise an alarm', async () => {
    const forked = await world.ingested(world.harbour, 'call-1');
    await add(forked, 600);
    const others = [newId('rec'), newId('rec')];
    for (const other of others) await add(other, 2);
    const path = await pathOf(forked, 2);
    await plant(path, await otherBranch(world.vault, tenant, forked, 2));
    await expect(turn()).rejects.toMatchObject({ code: 'integrity', message: expect.stringContaining('_forked') });
    for (const other of others) expect(await stream(other)).toEqual({ entries: 2, fault: null });
    expect(await stream(forked)).toEqual({ entries: 1, fault: 'amendment_forked' });
    expect(await world.names(forked)).toContainEqual(path);
    expect(await backlog()).toMatchObject({ entries: 599 });
    const row = await world.read((rows) => rows.recordings.find(tenant, forked));
    expect(row?.quarantine).toContain('integrity');
    const events = await world.leaves(tenant);
    expect(events.filter(({ action }) => action === 'recording.quarantined')).toHaveLength(1);
    // It is left alone for a while, and what comes after it is stored.
    const before = puts.length;
    await add(others[0] ?? '', 1);
    expect(await turn()).toBe(1);
    expect(puts).toHaveLength(before + 1);
    world.forward(61_000);
    await expect(turn()).rejects.toMatchObject({ code: 'integrity' });
    // Once the foreign blob is deleted, the stream goes on by itself.
    await remove(path);
    world.forward(HOUR + 1000);
    expect(await turn()).toBe(599);
    expect(await stream(forked)).toEqual({ entries: 600, fault: null });
  });

  it.skipIf(!present)('stop their stream where a row was edited', async () => {
    const recording = newId('rec');
    await add(recording, 2);
    const { db } = world.vault;
    const read: Vault['db']['read'] = (work, wait) =>
      db.read((rows) => {
        const page: typeof rows.amendments.page = async (...of) =>
          (await rows.amendments.page(...of)).map((row) => ({ ...row, at: 'yesterday' }));
        return work({ ...rows, amendments: { ...rows.amendments, page } });
      }, wait);
    round = entryStorer({ ...world.vault, db: { ...db, read } }, () => undefined);
    await expect(turn()).rejects.toMatchObject({ code: 'integrity' });
    expect(await world.names(recording)).toEqual([]);
  });

  it.skipIf(!present)('are put again where one was deleted from the store before it was marked', async () => {
    const recording = newId('rec');
    await add(recording, 2);
    await plant(await pathOf(recording, 1));
    const { store } = world.vault;
    const gone: ObjectStore['get'] = async (at, path, most, wait) => {
      await store.delete(at, path, wait);
      return store.get(at, path, most, wait);
    };
    round = storer(undefined, { ...world.vault, store: { ...store, get: gone } });
    expect(await turn()).toBe(0);
    expect([await turn(), await stream(recording)]).toEqual([2, { entries: 2, fault: null }]);
  });

  it.skipIf(!present)('of an erased recording do not stay, whenever they arrive', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    const kept = await world.ingested(world.harbour, 'call-2');
    await add(recording, 2);
    await add(kept, 1);
    expect(await turn()).toBe(3);
    // An entry that an admin deleted, and one whose put is still on its way.
    await remove(await pathOf(recording, 1));
    await add(recording, 2);
    const [reached, erased, late] = [gate(), gate(), await pathOf(recording, 4)];
    const slow = storer(async (path) => {
      if (path !== late) return;
      reached.open();
      await erased.passed;
    });
    const storing = slow(world.request());
    await reached.passed;
    await world.erase(tenant, recording);
    await world.on();
    expect(await world.names(`/a/`)).toEqual([expect.stringContaining(kept)]);
    erased.open();
    expect(await storing).toBe(0);
    expect(await world.names(late)).toHaveLength(1);
    expect(await backlog()).toEqual({ entries: 0, oldest: null });
    world.forward(181_000);
    await world.on();
    expect(await world.state(tenant, recording)).toBe('ERASED');
    expect(await world.names(recording)).toEqual([]);
    await plant(late);
    world.forward(24 * HOUR);
    await world.on();
    expect(await world.names(recording)).toEqual([]);
    expect(await stream(kept)).toEqual({ entries: 1, fault: null });
  });
});
