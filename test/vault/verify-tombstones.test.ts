// Verification of tombstones and lists: each fault is named by its kind, and what is erased by rows alone is swept.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { replayTombstones } from '../../src/vault/erasure/replay-tombstones.ts';
import { deleteOrphans, findOrphans, type Orphan } from '../../src/vault/sweep/orphans.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { ENGINES } from '../support/engines.ts';
import { freshErasureWorld } from '../support/erasure-world.ts';
import { erasedOf, listOf, plantBlob } from '../support/tombstone-lists.ts';

const by = operatorActor('op-9');
const SECOND = 181_000;

describe.each(ENGINES)('verifying tombstone lists over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;
  let recording: string;
  let list: Awaited<ReturnType<typeof listOf>>;

  const store = () => join(world.folder, 'store');
  const row = async () => {
    const found = await world.read((rows) => rows.tenants.find(tenant));
    if (found === null) throw new Error('no tenant');
    return found;
  };
  const verify = async (vault: Vault = world.vault) => {
    const found: Finding[] = [];
    const listener = { total: () => undefined, step: () => undefined, found: (one: Finding) => void found.push(one) };
    const options = { sample: 0, quarantine: false };
    const result = await verifyTenantData(vault, by, await row(), options, listener, world.request());
    return { found, result };
  };

  beforeEach(async () => {
    ({ tenant } = world.harbour);
    recording = await world.ingested(world.harbour, 'call-1');
    list = await listOf(world.vault, tenant, [await erasedOf(world.vault, tenant, recording)]);
    await plantBlob(store(), list.path, list.bytes);
  });

  it.skipIf(!present)('finds a recording that a list names and the rows do not know as erased', async () => {
    const { path } = list;
    expect((await verify()).found).toEqual([{ kind: 'tombstone_differs', tenant, path, why: 'not_erased' }]);
    await replayTombstones(world.vault, world.request());
    const { found, result } = await verify();
    expect([found, result]).toMatchObject([[], { findings: 0, notChecked: 0 }]);
    const erased = await erasedOf(world.vault, tenant, recording);
    const unknown = await listOf(world.vault, tenant, [{ recording: newId('rec'), natural: Buffer.alloc(16, 9) }]);
    const other = await listOf(world.vault, tenant, [{ ...erased, natural: Buffer.alloc(16, 8) }]);
    const nameless = await listOf(world.vault, tenant, [{ recording: newId('rec'), natural: null }]);
    const taken = await listOf(world.vault, tenant, [{ ...erased, recording: newId('rec') }]);
    for (const one of [unknown, other, nameless, taken]) await plantBlob(store(), one.path, one.bytes);
    const second = await verify();
    expect(second.result.kinds).toEqual({ tombstone_differs: 2 });
    expect(second.found.map(({ path: of, why }) => `${of} ${why}`).sort()).toEqual(
      [`${unknown.path} no_row`, `${other.path} natural`].sort(),
    );
  });

  it.skipIf(!present)('finds a list that is damaged, has another name, or is missing', async () => {
    await replayTombstones(world.vault, world.request());
    const file = join(store(), list.path);
    const damaged = { kind: 'tombstone_damaged', tenant, path: list.path };
    const bytes = await readFile(file);
    for (const wrong of [bytes.subarray(1), bytes.toString().replace(/"leaf":"./, '"leaf":"Q'), '{}', '']) {
      await writeFile(file, wrong);
      expect((await verify()).found).toEqual([damaged]);
    }
    await rm(file);
    expect((await verify()).found).toEqual([{ kind: 'tombstone_missing', tenant, path: list.path }]);
    await writeFile(file, bytes);
    const copies = [list.path.replace(list.event, newId('evt')), list.path.replace('evt_', 'hld_')];
    for (const path of copies) await plantBlob(store(), path, bytes);
    expect((await verify()).found.sort((one, other) => ((one.path ?? '') < (other.path ?? '') ? -1 : 1))).toEqual([
      { ...damaged, path: copies[0] },
      { ...damaged, path: copies[1], why: 'name' },
    ]);
  });

  it.skipIf(!present)('counts as not checked what the store does not answer', async () => {
    await replayTombstones(world.vault, world.request());
    const { get } = world.vault.store;
    const away: Vault = {
      ...world.vault,
      store: {
        ...world.vault.store,
        get: (place, path, ...rest) =>
          path.includes('/x/')
            ? Promise.reject(new VaultError('store_unavailable', 'planted'))
            : get(place, path, ...rest),
      },
    };
    expect((await verify(away)).result).toMatchObject({ notChecked: 1, findings: 0 });
  });

  it.skipIf(!present)('lets sweep delete what is left of a recording that only its row knows as erased', async () => {
    const never = { recording: newId('rec'), natural: Buffer.alloc(16, 9) };
    const other = await listOf(world.vault, tenant, [never]);
    await plantBlob(store(), other.path, other.bytes);
    await replayTombstones(world.vault, world.request());
    await world.on();
    world.forward(SECOND);
    await world.on();
    // An id that is an hour old.
    const id = 'dep_01dxe9ar000000000000000001';
    const envelope = envelopePath(tenant, never.recording, id);
    for (const path of [envelope, `t/${tenant}/r/${never.recording}/${id}/audio`])
      await plantBlob(store(), path, 'late');
    const found = (await verify()).found.map(({ kind, why }) => `${kind} ${why}`);
    expect(found).toEqual(['envelope_unknown given_up_or_erased']);
    const orphans: Orphan[] = [];
    for await (const one of findOrphans(world.vault, by, await row(), world.request())) orphans.push(one);
    expect(orphans.map(({ kind, goes }) => `${kind} ${goes}`).sort()).toEqual(['blob_over true', 'envelope_over true']);
    expect(await deleteOrphans(world.vault, by, await row(), orphans, world.request())).toBe(2);
    expect(await world.names(never.recording)).toEqual([]);
  });
});
