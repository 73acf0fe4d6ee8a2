// A re-wrap of a bucket with forged blobs: what only looks current is not reported as done.
import { beforeEach, expect, it } from 'vitest';
import { newOperationNonce } from '../../src/bytes/ids.ts';
import {
  envelopePath,
  MAX_ENVELOPE,
  parseEnvelope,
  replaceKeyMember,
  type WrappedKey,
} from '../../src/envelope/envelope.ts';
import { parseTenant, tenantPath } from '../../src/envelope/tenant-blob.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { checkTenantBlob } from '../../src/vault/verify/check-tenant.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { freshVault } from '../support/vaults.ts';

const by = operatorActor('op-1');
const PLACE = { region: '', bucket: '', prefix: '' };
const WRAPPED = Buffer.alloc(108, 7);
const test = freshVault();
let envelope: string;
beforeEach(async () => {
  const [one] = await seedDeposits(test.vault, test.tenant, 2, test.request);
  envelope = envelopePath(test.tenant, one?.recording ?? '', one?.deposit ?? '');
  await raiseGeneration(test.vault, by, test.tenant, test.request);
});

const rewrap = () =>
  rewrapTenant(test.vault, by, test.tenant, { rate: 1000, concurrency: 8, sample: 2 }, () => undefined, test.request);

async function read(path: string): Promise<Buffer> {
  return (await test.vault.store.get(PLACE, path, MAX_ENVELOPE, test.request))?.bytes ?? Buffer.alloc(0);
}

async function forge(path: string, key: Partial<WrappedKey>): Promise<void> {
  const before = await read(path);
  const carried = (path === envelope ? parseEnvelope(before) : parseTenant(before)).key;
  await test.vault.store.delete(PLACE, path, test.request);
  await test.vault.store.put(
    PLACE,
    path,
    replaceKeyMember(before, { ...carried, ...key }),
    newOperationNonce(),
    test.request,
  );
}

it('rewrites an envelope and a tenant.json that name the generation with another wrapped key', async () => {
  for (const path of [envelope, tenantPath(test.tenant)]) await forge(path, { wrap: 2, wrapped: WRAPPED });
  expect(await rewrap()).toMatchObject({ complete: true, tenantBlob: 'written', envelopes: { written: 2 } });
  expect(parseEnvelope(await read(envelope)).key.wrapped).not.toEqual(WRAPPED);
  expect(parseTenant(await read(tenantPath(test.tenant))).key.wrapped).not.toEqual(WRAPPED);
});

it('is not complete while an envelope, or tenant.json, names a generation that never existed', async () => {
  for (const path of [envelope, tenantPath(test.tenant)]) await forge(path, { wrap: 999 });
  const done = await rewrap();
  expect(done).toMatchObject({ complete: false, tenantBlob: 'contended' });
  expect(done.envelopes.contended).toBeGreaterThan(0);
  expect(done.backlog).toMatchObject({ dataKeys: 0, envelopes: 1, tenantBlob: true });
});

it.each<[string, Buffer | null]>([
  ['missing', null],
  ['not a tenant.json', Buffer.from('not one')],
])('writes a new tenant.json where it is %s', async (_what, bytes) => {
  const path = tenantPath(test.tenant);
  const before = parseTenant(await read(path));
  await test.vault.store.delete(PLACE, path, test.request);
  if (bytes !== null) await test.vault.store.put(PLACE, path, bytes, newOperationNonce(), test.request);
  expect(await rewrap()).toMatchObject({ tenantBlob: 'written', complete: true });
  const found: unknown[] = [];
  const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  if (row !== null) found.push(await checkTenantBlob(test.vault, row, test.request));
  expect(found).toEqual([null]);
  expect(parseTenant(await read(path))).toMatchObject({ created: before.created, key: { wrap: 2 } });
});
