// Moving a tenant to a new key where naming the key fails: the next attempt completes the move.
import { expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { sharedVault } from '../support/vaults.ts';
import { tenantOf } from '../support/volume.ts';

const test = sharedVault();

it('rotates the tenant once, to the key that the first attempt created', async () => {
  const by = operatorActor('op-1');
  const before = await tenantOf(test.vault, test.tenant);
  const made: KeyReference[] = [];
  let away = true;
  const keys: KeyService = {
    ...test.vault.keys,
    createKey: async (...asked) => {
      const key = await test.vault.keys.createKey(...asked);
      made.push(key);
      return key;
    },
    nameKey: async (...asked) => {
      if (away) throw new VaultError('key_service_unavailable', 'away');
      await test.vault.keys.nameKey(...asked);
    },
  };
  const move = () => moveToNewKey({ ...test.vault, keys }, by, test.tenant, test.request);
  await expect(move()).rejects.toMatchObject({ code: 'key_service_unavailable' });
  expect(await tenantOf(test.vault, test.tenant)).toEqual(before);
  away = false;
  expect(await move()).toMatchObject({ wrap: before.wrap + 1, key: made[0] });
  expect(made).toEqual([made[0], made[0]]);
});
