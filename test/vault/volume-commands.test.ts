// Volume mode and the commands that turn, re-wrap, retire and verify keys.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantKekPath } from '../../src/envelope/tenant-kek-blob.ts';
import { placeOf } from '../../src/model/tenant.ts';
import { makeTenantKek } from '../../src/vault/keys/make-tenant-kek.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { raiseGeneration } from '../../src/vault/keys/raise.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { rotateMaterial } from '../../src/vault/keys/rotate.ts';
import { turnVolumeMode } from '../../src/vault/keys/volume-mode.ts';
import { operatorActor } from '../../src/vault/log/events.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { openTestVault, type TestVault } from '../support/vault.ts';
import { processOf, put, tenantOf } from '../support/volume.ts';

describe('the commands on a tenant in volume mode', () => {
  let test: TestVault;
  beforeAll(async () => {
    test = await openTestVault();
  });
  afterAll(() => test.close());

  const by = operatorActor('op-1');
  const options = { rate: 1, concurrency: 4, sample: 3 };
  const blobs = async () => {
    const found: string[] = [];
    for await (const { path } of test.vault.store.list(
      placeOf(await tenantOf(test.vault, test.tenant)),
      't/',
      test.request,
    )) {
      if (path.includes('/k/')) found.push(path);
    }
    return found.sort();
  };
  const rows = () => test.vault.db.read(({ wrappedKeys }) => wrappedKeys.tenantKeks(test.tenant), test.request);

  it.each<[string, (vault: Vault) => Promise<unknown>, number]>([
    ['turned on', (vault) => turnVolumeMode(vault, by, test.tenant, true, test.request), 1],
    ['raised', (vault) => raiseGeneration(vault, by, test.tenant, test.request), 1],
    ['given new material', (vault) => rotateMaterial(vault, by, test.tenant, test.request), 1],
    ['given a new key', (vault) => moveToNewKey(vault, by, test.tenant, test.request), 1],
    ['turned off', (vault) => turnVolumeMode(vault, by, test.tenant, false, test.request), 0],
  ])('%s: deposits go on, everything is re-wrapped, what is older is retired', async (name, change, keks) => {
    const { vault } = processOf(test.vault);
    await put(vault, test.uploader, `before ${name}`);
    await change(vault);
    const { wrap, volume, keyId } = await tenantOf(vault, test.tenant);
    expect(volume).toBe(keks);
    // With the KEK of before in memory and the tenant turned, the next deposit is under the new one.
    await put(vault, test.uploader, `after ${name}`);
    const done = await rewrapTenant(vault, by, test.tenant, options, () => undefined, test.request);
    expect(done).toMatchObject({ refused: [], complete: true, sample: { failed: [] } });
    expect((await rows()).at(-1)).toMatchObject(keks === 1 ? { wrap, keyId } : { wrap: wrap - 1 });
    expect(await retireKeys(vault, by, test.tenant, () => undefined, test.request)).toMatchObject({ minimum: wrap });
    expect((await rows()).map((row) => row.wrap)).toEqual(keks === 1 ? [wrap] : []);
    const kept = (await rows()).map(({ id }) => tenantKekPath(test.tenant, id));
    expect(await blobs()).toEqual(kept);
    const how = { sample: 100, quarantine: false };
    const tell = { total: () => undefined, step: () => undefined, found: () => undefined };
    const tenant = await tenantOf(vault, test.tenant);
    const verified = await verifyTenantData(vault, by, tenant, how, tell, test.request);
    expect(verified).toMatchObject({ findings: 0, notChecked: 0 });
    expect(verified.opened).toBe(verified.deposits);
  });

  it('deletes the KEK of a turn that never came about, once its generation is retired', async () => {
    const tenant = await tenantOf(test.vault, test.tenant);
    const never = await makeTenantKek(test.vault, tenant, tenant.wrap, test.request);
    expect(await blobs()).toEqual([tenantKekPath(test.tenant, never.id)]);
    await raiseGeneration(test.vault, by, test.tenant, test.request);
    await rewrapTenant(test.vault, by, test.tenant, options, () => undefined, test.request);
    await retireKeys(test.vault, by, test.tenant, () => undefined, test.request);
    expect(await blobs()).toEqual([]);
  });
});
