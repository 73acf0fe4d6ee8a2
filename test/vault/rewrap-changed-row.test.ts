// A re-wrap of a tenant whose row someone with the database alone changed: tenant.json keeps the metadata key.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newOperationNonce } from '../../src/bytes/ids.ts';
import { MAX_ENVELOPE } from '../../src/envelope/envelope.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { parseTenant, tenantPath, verifyTenant } from '../../src/envelope/tenant-blob.ts';
import { keyOf, type Tenant } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration, tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { type Row, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshVault } from '../support/vaults.ts';

const by = operatorActor('op-1');
const PLACE = { region: '', bucket: '', prefix: '' };
const test = freshVault();

const tenantRow = (): Promise<Tenant> => tenantWithKey(test.vault, test.tenant, test.request);
const rewrap = () =>
  rewrapTenant(test.vault, by, test.tenant, { rate: 1000, concurrency: 8, sample: 0 }, () => undefined, test.request);
const path = () => tenantPath(test.tenant);
const blob = async () => (await test.vault.store.get(PLACE, path(), MAX_ENVELOPE, test.request))?.bytes ?? null;

/** The columns of the tenant's metadata key, as SQL has them, and sets some. */
async function changeRow(values: Row): Promise<Row> {
  const rows = rowsOfSqlite(join(test.folder, 'vault.db'));
  try {
    const before = (await rows.all('tenant')).find((row) => row['tenant'] === test.tenant) ?? {};
    await rows.set('tenant', { tenant: test.tenant }, values);
    return Object.fromEntries(Object.keys(values).map((name) => [name, before[name]]));
  } finally {
    await rows.close();
    // As in another process: the metadata key is in memory for minutes.
    test.vault.metadataKeys.drop(test.tenant);
  }
}

/** Another metadata key, wrapped as this tenant's: only a process that may call the key service can do that. */
async function anotherKey(): Promise<Row> {
  const { key, wrap } = await tenantRow();
  const other = new SecretKey(randomBytes(32));
  const context = keyContext({ use: 'metadata', tenant: test.tenant, wrap });
  const made = await test.vault.keys.wrap(key ?? expect.fail('no key'), other, context, test.request);
  other.zero();
  return { metadata_wrapped: made.wrapped, metadata_key_id: made.id, metadata_wrap: wrap };
}

const CHANGES: readonly (readonly [string, (tenant: Tenant) => Promise<Row> | Row])[] = [
  ['other bytes', () => ({ metadata_wrapped: Buffer.alloc(108, 7) })],
  ['a later generation', ({ wrap }) => ({ metadata_wrap: wrap + 7 })],
  ['another key encryption key', () => ({ metadata_key_id: 'keyring/00000000-0000-8000-8000-000000000000' })],
  ['another key that opens', anotherKey],
];

const WRITES: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['in place', async () => undefined],
  // The row says the generation already, so that the re-wrap does not unwrap it before.
  ['to the next generation', async () => raiseGeneration(test.vault, by, test.tenant, test.request)],
  ['to another key', async () => moveToNewKey(test.vault, by, test.tenant, test.request)],
];

describe.each(WRITES)('a re-wrap %s', (where, move) => {
  let before: Buffer;
  beforeEach(async () => {
    await createIngestKey(test.vault, by, await tenantRow(), 'rotated', test.request);
    before = (await blob()) ?? expect.fail('no tenant.json');
    await move();
  });

  it.each(CHANGES)('keeps tenant.json where the row has %s, and is not complete', async (_what, change) => {
    const tenant = await tenantRow();
    const was = await changeRow({ metadata_wrap: tenant.wrap, ...(await change(tenant)) });
    expect(await rewrap()).toMatchObject({ tenantBlob: 'damaged', complete: false });
    expect(await blob()).toEqual(before);
    // tenant.json still has the key that opens what the tenant has.
    const { key } = parseTenant(before);
    const context = keyContext({ use: 'metadata', tenant: test.tenant, wrap: key.wrap });
    const metadataKey = await test.vault.keys.unwrap(key, context, test.request);
    verifyTenant(before, metadataKey);
    metadataKey.zero();
    await changeRow(was);
    expect(await rewrap()).toMatchObject({ tenantBlob: where === 'in place' ? 'current' : 'written', complete: true });
    const { key: after } = parseTenant((await blob()) ?? Buffer.alloc(0));
    expect(after).toMatchObject({ id: keyOf(tenant).id, wrap: tenant.wrap });
  });

  it('writes no tenant.json from a row that does not open, where it is missing', async () => {
    const tenant = await tenantRow();
    const was = await changeRow({ metadata_wrap: tenant.wrap, metadata_wrapped: Buffer.alloc(108, 7) });
    await test.vault.store.delete(PLACE, path(), test.request);
    expect(await rewrap()).toMatchObject({ tenantBlob: 'damaged', complete: false });
    expect(await blob()).toBeNull();
    await changeRow(was);
    expect(await rewrap()).toMatchObject({ tenantBlob: 'written', complete: true });
  });
});

it('a re-wrap keeps a tenant.json that has no MAC of the row’s key, and writes a new one once it is deleted', async () => {
  await raiseGeneration(test.vault, by, test.tenant, test.request);
  const before = (await blob()) ?? expect.fail('no tenant.json');
  const { created } = parseTenant(before);
  const forged = Buffer.from(before.toString().replace(created, '2020-01-01T00:00:00.000Z'));
  await test.vault.store.delete(PLACE, path(), test.request);
  await test.vault.store.put(PLACE, path(), forged, newOperationNonce(), test.request);
  expect(await rewrap()).toMatchObject({ metadataKey: true, tenantBlob: 'damaged', complete: false });
  expect(await blob()).toEqual(forged);
  await test.vault.store.delete(PLACE, path(), test.request);
  expect(await rewrap()).toMatchObject({ tenantBlob: 'written', complete: true });
  expect(parseTenant((await blob()) ?? Buffer.alloc(0))).toMatchObject({ created, key: { wrap: 2 } });
});
