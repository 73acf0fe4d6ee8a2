// Decrypting a tenant in volume mode from the bucket alone: the key that wraps a KEK must be trusted, not the KEK's id.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId, newTenantKekId } from '../../src/bytes/ids.ts';
import { tenantKekPath } from '../../src/envelope/tenant-kek-blob.ts';
import { locationOf } from '../../src/model/tenant.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { openEnvelope } from '../../src/vault/offline/read-envelope.ts';
import { sharedVault } from '../support/vaults.ts';
import { depositWav, startGeneration, tenantOf } from '../support/volume.ts';

const test = sharedVault();
let done: DepositResult;
let keyId: string;
let kek: string;
beforeAll(async () => {
  keyId = (await startGeneration(test.vault, test.tenant, true)).key?.id ?? '';
  done = await depositWav(test.vault, test.uploader, 'offline');
  const [row] = await test.vault.db.read((rows) => rows.wrappedKeys.tenantKeks(test.tenant), test.request);
  kek = row?.id ?? '';
});

async function open(keys: readonly string[], minimumWrap = 1): Promise<string> {
  const { store, keys: service } = test.vault;
  const place = locationOf(await tenantOf(test.vault, test.tenant));
  const id = { tenant: test.tenant, recording: done.recording, deposit: done.deposit };
  const opened = await openEnvelope({ store, keys: service }, place, id, { keys, minimumWrap }, test.request);
  opened.dataKey.zero();
  return String(opened.facts['call_id']);
}

it('opens with the key that wraps the KEK, at its generation or above', async () => {
  expect(await open([keyId])).toBe('offline');
  expect(await open([keyId], 2)).toBe('offline');
  for (const [keys, minimum] of [
    [[kek], 1],
    [[], 1],
    [[keyId], 3],
  ] as const) {
    await expect(open(keys, minimum)).rejects.toMatchObject({ code: 'key_refused' });
  }
});

type Blob = { id: string; tenant: string; key: { wrap: number; wrapped: string; scheme: string } };

it.each<[string, (blob: Blob) => void, string]>([
  ['another KEK', (blob) => Object.assign(blob, { id: newTenantKekId() }), 'integrity'],
  ['a KEK of another tenant', (blob) => Object.assign(blob, { tenant: newId('ten') }), 'integrity'],
  ['a KEK of another generation', (blob) => Object.assign(blob.key, { wrap: 1 }), 'integrity'],
  ['a KEK under a KEK', (blob) => Object.assign(blob.key, { scheme: 'tenant-kek' }), 'malformed'],
  [
    'another wrapped key',
    (blob) => Object.assign(blob.key, { wrapped: Buffer.alloc(108, 1).toString('base64') }),
    'key_refused',
  ],
])('rejects %s in its place', async (_what, change, code) => {
  const path = join(test.store, tenantKekPath(test.tenant, kek));
  const bytes = readFileSync(path);
  const blob = JSON.parse(bytes.toString()) as Blob;
  change(blob);
  chmodSync(path, 0o600);
  writeFileSync(path, canonicalBytes(blob));
  await expect(open([keyId])).rejects.toMatchObject({ code });
  writeFileSync(path, bytes);
  expect(await open([keyId])).toBe('offline');
});

it('reports a missing KEK', async () => {
  rmSync(join(test.store, tenantKekPath(test.tenant, kek)));
  await expect(open([keyId])).rejects.toMatchObject({ code: 'blob_missing' });
});
