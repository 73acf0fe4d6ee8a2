// Volume mode and the commands that rotate, re-wrap, retire and verify keys.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tenantKekPath } from '../../src/envelope/tenant-kek-blob.ts';
import { locationOf } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { makeTenantKek } from '../../src/vault/keys/make-tenant-kek.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration, rotateKeyMaterial, setVolumeMode } from '../../src/vault/keys/rotation.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { sharedVault } from '../support/vaults.ts';
import { asProcess, depositWav, startGeneration, tenantOf } from '../support/volume.ts';

describe('the commands on a tenant in volume mode', () => {
  const test = sharedVault();

  const by = operatorActor('op-1');
  const options = { rate: 1, concurrency: 4, sample: 3 };
  const blobs = async () => {
    const found: string[] = [];
    for await (const { path } of test.vault.store.list(
      locationOf(await tenantOf(test.vault, test.tenant)),
      't/',
      test.request,
    )) {
      if (path.includes('/k/')) found.push(path);
    }
    return found.sort();
  };
  const rows = () => test.vault.db.read(({ wrappedKeys }) => wrappedKeys.tenantKeks(test.tenant), test.request);

  it.each<[string, (vault: Vault) => Promise<unknown>, number]>([
    ['volume mode on', (vault) => setVolumeMode(vault, by, test.tenant, true, test.request), 1],
    ['generation raised', (vault) => raiseGeneration(vault, by, test.tenant, test.request), 1],
    ['new material', (vault) => rotateKeyMaterial(vault, by, test.tenant, test.request), 1],
    ['new key', (vault) => moveToNewKey(vault, by, test.tenant, test.request), 1],
    ['volume mode off', (vault) => setVolumeMode(vault, by, test.tenant, false, test.request), 0],
  ])('%s: deposits continue, everything is re-wrapped, older generations are retired', async (name, change, keks) => {
    const { vault } = asProcess(test.vault);
    await depositWav(vault, test.uploader, `before ${name}`);
    await change(vault);
    const { wrap, volume, key } = await tenantOf(vault, test.tenant);
    expect(volume).toBe(keks === 1);
    // With the earlier KEK in memory and the key rotated, the next deposit is under the new KEK.
    await depositWav(vault, test.uploader, `after ${name}`);
    const done = await rewrapTenant(vault, by, test.tenant, options, () => undefined, test.request);
    expect(done).toMatchObject({ refused: [], complete: true, sample: { failed: [] } });
    expect((await rows()).at(-1)).toMatchObject(keks === 1 ? { wrap, keyId: key?.id } : { wrap: wrap - 1 });
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

  it('deletes the KEK of a rotation that never completed, once its generation is retired', async () => {
    const tenant = await tenantOf(test.vault, test.tenant);
    const never = await makeTenantKek(test.vault, tenant, tenant.wrap, test.request);
    expect(await blobs()).toEqual([tenantKekPath(test.tenant, never.id)]);
    await raiseGeneration(test.vault, by, test.tenant, test.request);
    await rewrapTenant(test.vault, by, test.tenant, options, () => undefined, test.request);
    await retireKeys(test.vault, by, test.tenant, () => undefined, test.request);
    expect(await blobs()).toEqual([]);
  });

  it('verifies the blobs of the KEKs in use', async () => {
    const tenant = await startGeneration(test.vault, test.tenant, true);
    const [row] = await rows();
    const path = join(test.store, tenantKekPath(test.tenant, row?.id ?? ''));
    const bytes = readFileSync(path);
    const text = bytes.toString();
    const found = async (): Promise<readonly string[]> => {
      const kinds: string[] = [];
      const tell = {
        total: () => undefined,
        step: () => undefined,
        found: (finding: Finding) => kinds.push(finding.kind),
      };
      await verifyTenantData(test.vault, by, tenant, { sample: 0, quarantine: false }, tell, test.request);
      return kinds.filter((kind) => kind.startsWith('tenant_kek'));
    };
    expect(await found()).toEqual([]);
    chmodSync(path, 0o600);
    const { id } = await makeTenantKek(test.vault, tenant, tenant.wrap, test.request);
    const other = readFileSync(join(test.store, tenantKekPath(test.tenant, id)));
    for (const [changed, kind] of [
      [text.replace('"wrap":', '"wrap":1'), 'tenant_kek_differs'],
      [other, 'tenant_kek_differs'],
      [text.replace(row?.id ?? '', id), 'tenant_kek_damaged'],
      [text.slice(1), 'tenant_kek_damaged'],
    ] as const) {
      writeFileSync(path, changed);
      expect(await found()).toEqual([kind]);
    }
    rmSync(path);
    expect(await found()).toEqual(['tenant_kek_missing']);
    writeFileSync(path, bytes);
    expect(await found()).toEqual([]);
  });
});
