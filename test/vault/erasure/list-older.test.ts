// Erasures of versions that wrote tombstones of one recording: they get their lists, some in each round, until all have.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import { encodeTombstone, tombstonePath } from '../../../src/envelope/tenant-blob.ts';
import { tombstoneListPath } from '../../../src/envelope/tombstone-list.ts';
import { VaultError } from '../../../src/errors.ts';
import { type NewErasure, PASSES } from '../../../src/model/erasure.ts';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { erasedRow } from '../../../src/vault/erasure/erased-row.ts';
import { olderErasures } from '../../../src/vault/erasure/list-older.ts';
import { replayTombstones } from '../../../src/vault/erasure/replay-tombstones.ts';
import { ENGINES } from '../../support/engines.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { outcomeOf } from '../../support/rebuilt-tenant.ts';
import { LEAF, plantBlob } from '../../support/tombstone-lists.ts';

const by = operatorActor('op-1');

describe.each(ENGINES)('older erasures over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;

  beforeEach(() => {
    ({ tenant } = world.harbour);
  });

  const store = () => join(world.folder, 'store');
  const lists = async () => (await world.lists(tenant)).filter((name) => name.includes('/evt_'));
  const listed = async () => {
    const leaves = (await world.leaves(tenant)).filter(({ action }) => action === 'tombstone.listed');
    return leaves.map(({ object }) => [object['erased'], object['left']]);
  };
  const told = () => olderErasures(world.vault);

  /** Ended erasures as earlier versions left them; returns their recordings and events. */
  const older = async (count: number): Promise<{ readonly recording: string; readonly event: string }[]> => {
    const all = [];
    for (let n = 0; n < count; n++) {
      const recording = newId('rec');
      const natural = Buffer.alloc(16, n);
      natural.writeUInt32BE(n);
      const { result } = await world.vault.db.change(async (tx) => {
        await tx.recordings.insert(erasedRow(tenant, { recording, natural }, 'ERASED'));
        const began = event(
          tenant,
          by,
          'recording.erasing',
          { type: 'recording', id: recording, reason: 'request' },
          {},
        );
        const begun = await tx.now();
        const erasure: NewErasure = {
          ...{ tenant, recording, tombstone: tombstonePath(tenant, recording, begun), list: null },
          ...{ begun, pass: PASSES.done, due: null, hours: null },
        };
        return { result: began.id, events: [began], erasures: [erasure] };
      }, world.request());
      all.push({ recording, event: result });
    }
    return all;
  };

  it.skipIf(!present)(
    'get their lists with natural keys, at most 100 in a round, and the log says when all have',
    async () => {
      const all = await older(130);
      const work = told();
      expect([await work(world.request()), await work(world.request()), await work(world.request())]).toEqual([
        100, 30, 0,
      ]);
      expect(await listed()).toEqual([
        [100, 30],
        [30, 0],
      ]);
      const names = await lists();
      expect(names).toHaveLength(130);
      const [first] = all;
      const path = names.find((name) => name.includes(first?.event ?? '')) ?? '';
      const said = JSON.parse(await readFile(join(store(), path), 'utf8')) as { leaf: string; erased: unknown };
      const began = (await world.leaves(tenant)).find(({ id }) => id === first?.event);
      expect(said.leaf).toBe(Buffer.from(began?.hash ?? []).toString('base64'));
      expect(said.erased).toEqual([{ recording: first?.recording, natural: Buffer.alloc(16).toString('base64') }]);
      // Every list is known: a start reads none.
      await replayTombstones(world.vault, world.request());
      const { store: blobs } = world.vault;
      const closed = { ...world.vault, store: { ...blobs, get: () => Promise.reject(new Error('read')) } };
      expect(await replayTombstones(closed, world.request())).toBe(0);
    },
  );

  it.skipIf(!present)('get them once by two processes, and after a crash between the store and the rows', async () => {
    await older(12);
    const { db } = world.vault;
    const dead: Vault = {
      ...world.vault,
      db: { ...db, change: () => Promise.reject(new VaultError('database_unavailable', 'planted')) },
    };
    expect(await outcomeOf(olderErasures(dead)(world.request()))).toBe('database_unavailable');
    const before = await lists();
    expect(before).toHaveLength(12);
    const both = await Promise.all([told()(world.request()), told()(world.request())]);
    expect(both.reduce((sum, n) => sum + n)).toBe(12);
    expect(await lists()).toEqual(before);
    expect((await listed()).at(-1)?.[1]).toBe(0);
  });

  it.skipIf(!present)(
    'are left out while another blob has the name of their list, without holding up the others',
    async () => {
      const all = await older(3);
      const [, taken] = all;
      const path = tombstoneListPath(tenant, taken?.event ?? '', new Date().toISOString());
      await plantBlob(store(), path, '{}');
      expect(await outcomeOf(told()(world.request()))).toBe('integrity');
      expect(await listed()).toEqual([[2, 1]]);
      expect(await outcomeOf(told()(world.request()))).toBe('integrity');
      expect(await listed()).toEqual([[2, 1]]);
      await world.vault.store.delete({ region: '', bucket: '', prefix: '' }, path, world.request());
      expect(await told()(world.request())).toBe(1);
      expect((await listed()).at(-1)).toEqual([1, 0]);
    },
  );

  it.skipIf(!present)('keep their tombstones, which still count after a restore', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    const row = await world.read((rows) => rows.tenants.find(tenant));
    if (row === null) throw new Error('no tenant');
    const key = await world.vault.metadataKeys.get(row, world.request());
    const path = tombstonePath(tenant, recording, new Date().toISOString());
    await plantBlob(store(), path, '');
    await writeFile(join(store(), path), encodeTombstone({ tenant, recording, event: newId('evt'), leaf: LEAF }, key));
    expect(await replayTombstones(world.vault, world.request())).toBe(1);
    expect(await world.on()).toBe(1);
    expect(await world.lists(tenant)).toEqual([expect.stringContaining('/evt_'), path]);
    expect(await told()(world.request())).toBe(0);
  });
});
