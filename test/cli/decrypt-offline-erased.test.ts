// `callvault decrypt-offline` and tombstone lists: no recording that the bucket records as erased, unless --erased is given.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { listOf, plantBlob } from '../support/tombstone-lists.ts';
import { callAudio, environmentOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const test = sharedVault();
let runs = 0;

it('rejects a recording that a list has, and names a damaged list that may have it', async () => {
  const { recording } = await deposit(test.vault, test.uploader, callAudio('call-1', wavOf(1000)), test.request);
  const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  const { CALLVAULT_STORE = '', CALLVAULT_KEYS = '', CALLVAULT_KEYRING_ROOT = '' } = environmentOf(test.folder);
  const env = { CALLVAULT_STORE, CALLVAULT_KEYS, CALLVAULT_KEYRING_ROOT };
  const decrypt = (...more: readonly string[]) => {
    const which = ['--tenant', test.tenant, '--recording', recording, '--out', join(test.folder, `out-${runs++}`)];
    return runCallvault(env, 'decrypt-offline', ...which, '--key', row?.key?.id ?? '', '--minimum-wrap', '1', ...more);
  };
  const one = (of: string, at?: string) =>
    listOf(test.vault, test.tenant, [{ recording: of, natural: null }], at === undefined ? {} : { at });
  const ours = await one(recording);
  const other = await one(newId('rec'));
  // From before the recording was made: it cannot have it.
  const old = await one(newId('rec'), '2020-01-01T00:00:00.000Z');
  const plant = (path: string, bytes: string | Uint8Array) => plantBlob(test.store, path, bytes);
  await plant(other.path, other.bytes);
  await plant(old.path, 'damaged');
  expect((await decrypt()).code).toBe(0);
  await plant(ours.path, ours.bytes.subarray(1));
  const unclear = expect.stringContaining(`${ours.path} is damaged and may mark`);
  expect(await decrypt()).toMatchObject({ code: 1, out: '', err: unclear });
  await plant(ours.path, ours.bytes);
  const refused = expect.stringMatching(/as erased; --erased decrypts/);
  expect(await decrypt()).toMatchObject({ code: 1, out: '', err: refused });
  expect((await decrypt('--erased')).code).toBe(0);
  for (const { path } of [ours, other, old]) rmSync(join(test.store, path));
});
