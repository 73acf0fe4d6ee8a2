// A restored database from before a re-wrap: the rows of ingest keys take what their blobs have, if these are the tenant's.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newOperationNonce } from '../../src/bytes/ids.ts';
import { MAX_ENVELOPE } from '../../src/envelope/envelope.ts';
import { ingestKeyPath, parseIngestKey } from '../../src/envelope/ingest-key-blob.ts';
import type { IngestKeyRow } from '../../src/model/ingest-key.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration, tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { type RestoredVault, restoreVault } from '../../src/vault/restored/restore-vault.ts';
import { checkIngestKeys } from '../../src/vault/verify/check-ingest-keys.ts';
import { type Restorable, restorable } from '../support/restorable.ts';
import { rowsOfSqlite } from '../support/rows-by-sql.ts';

const by = operatorActor('op-9');
const PLACE = { region: '', bucket: '', prefix: '' };
const nothing = (): void => undefined;
const request = () => ({ signal: AbortSignal.timeout(60_000) });

describe('ingest keys that were re-wrapped after the backup', () => {
  let of: Restorable;
  let tenant: string;
  /** Their rows after the re-wrap. */
  let after: readonly IngestKeyRow[];
  let keys: readonly string[];

  const row = (vault: Vault) => tenantWithKey(vault, tenant, request());
  const rowsOf = (vault: Vault) => vault.db.read(({ ingestKeys }) => ingestKeys.all(tenant), request());
  const rewrap = (vault: Vault) =>
    rewrapTenant(vault, by, tenant, { rate: 1000, concurrency: 4, sample: 0 }, nothing, request());
  const create = async (vault: Vault) => createIngestKey(vault, by, await row(vault), 'rotated', request());
  const found = async (vault: Vault) =>
    (await checkIngestKeys(vault, await row(vault), async () => undefined, request())).map(({ kind }) => kind);
  const replaceBlob = async (vault: Vault, id: string, change: (blob: string) => string): Promise<void> => {
    const path = ingestKeyPath(tenant, id);
    const before = (await vault.store.get(PLACE, path, MAX_ENVELOPE, request()))?.bytes.toString() ?? '';
    const bytes = Buffer.from(change(before));
    expect(bytes.toString()).not.toBe(before);
    await vault.store.delete(PLACE, path, request());
    await vault.store.put(PLACE, path, bytes, newOperationNonce(), request());
  };
  const restored = (vault: Vault, trusted = keys): Promise<RestoredVault> => {
    const options = {
      ...{ alone: true, isCopy: false, keys: trusted, save: () => async () => undefined },
      ...{ confirmed: async () => false, restored: nothing, problem: nothing },
    };
    return restoreVault(vault, by, options, request());
  };
  const generations = async (vault: Vault) => (await rowsOf(vault)).map(({ wrap, blobWrap }) => [wrap, blobWrap]);

  beforeEach(async () => {
    of = await restorable('sqlite');
    tenant = of.people.tenant;
    const before = (await of.start()).vault;
    await create(before);
    await create(before);
    await of.backUp();
    const { vault } = await of.start();
    const from = (await row(vault)).key?.id ?? '';
    const { key } = await moveToNewKey(vault, by, tenant, request());
    keys = [from, key.id];
    await rewrap(vault);
    after = await rowsOf(vault);
    await of.restore();
  });
  afterEach(() => of.remove());

  it('take the wrapped seeds of their blobs, and a re-wrap follows to a later generation', async () => {
    const { vault } = await of.start();
    expect(await generations(vault)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const done = await restored(vault);
    expect(done.tenants).toMatchObject([{ tenant, ingestKeys: 2 }]);
    // The tenant's own row stays for a rotation and a re-wrap.
    expect(done.steps.problems.map(({ message }) => message)).toEqual([
      'tenant.json and the tenant’s row differ: tenant_row_behind',
    ]);
    expect(await rowsOf(vault)).toEqual(after);
    expect(await found(vault)).toEqual([]);
    for (const { id } of after)
      (await vault.ingestKeys.get(await row(vault), id, request())).use((seed) => expect(seed).toHaveLength(32));
    const events = await vault.db.read(({ log }) => log.events(tenant, 0, 1000), request());
    const moved = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []).filter(({ object }) => object['use'] === 'ingest');
    expect(moved.map(({ action, object: { from, wrap, how } }) => [action, from, wrap, how])).toEqual([
      ['key.rewrapped', 1, 2, 'restored'],
      ['key.rewrapped', 1, 2, 'restored'],
    ]);
    expect((await restored(vault)).tenants).toMatchObject([{ ingestKeys: 0 }]);
    // The tenant's row reaches this generation under the key that it had: no key stays under the other one.
    await raiseGeneration(vault, by, tenant, request());
    await expect(retireKeys(vault, by, tenant, nothing, request())).rejects.toThrow('2 ingest keys');
    expect(await rewrap(vault)).toMatchObject({
      complete: true,
      ingestKeys: { opened: new Set(after.map(({ id }) => id)), refused: [] },
    });
    expect((await rowsOf(vault)).map(({ keyId, wrap }) => [keyId, wrap])).toEqual([
      [keys[0], 2],
      [keys[0], 2],
    ]);
    expect(await found(vault)).toEqual([]);
    await retireKeys(vault, by, tenant, nothing, request());
  });

  it('keep the tenant from retiring until their blobs have the key of their rows, at the same generation too', async () => {
    const { vault } = await of.start();
    await restored(vault);
    await raiseGeneration(vault, by, tenant, request());
    const isOfIngestKey = (path: string): boolean => after.some(({ id }) => path === ingestKeyPath(tenant, id));
    const { store } = vault;
    const replace: typeof store.replace = (place, path, ...rest) =>
      isOfIngestKey(path) ? Promise.resolve(false) : store.replace(place, path, ...rest);
    const stopped = await rewrap({ ...vault, store: { ...store, replace } });
    expect(stopped).toMatchObject({ complete: false, backlog: { ingestKeys: 0, ingestBlobs: 2 } });
    expect(await generations(vault)).toEqual([
      [2, 1],
      [2, 1],
    ]);
    await expect(retireKeys(vault, by, tenant, nothing, request())).rejects.toThrow('2 ingest keys');
    expect(await rewrap(vault)).toMatchObject({ complete: true });
    await retireKeys(vault, by, tenant, nothing, request());
  });

  it('keep the tenant from retiring while one is of a later generation under a key that the tenant does not have', async () => {
    const { vault } = await of.start();
    await restored(vault);
    await raiseGeneration(vault, by, tenant, request());
    await rewrap(vault);
    const sql = rowsOfSqlite(of.deployment.database);
    await sql.set('ingest_key', { id: after[0]?.id }, { wrap: 3, key_id: keys[1] });
    await sql.close();
    await expect(retireKeys(vault, by, tenant, nothing, request())).rejects.toThrow('1 ingest keys');
  });

  it('stay under a key that the operator does not trust', async () => {
    const { vault } = await of.start();
    const done = await restored(vault, keys.slice(0, 1));
    const problems = done.steps.problems.map(({ message }) => message);
    expect(problems.filter((message) => message.includes('not accepted'))).toEqual(
      after.map(({ id }) => `this ingest key is not accepted: ${ingestKeyPath(tenant, id)}`),
    );
    expect(done.tenants).toMatchObject([{ ingestKeys: 0 }]);
    expect(await generations(vault)).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it.each<[string, (blob: string, other: string) => string]>([
    ['no MAC of the tenant', (blob) => blob.replace(/"created":"20\d\d/, '"created":"2019')],
    ['another public key', (blob) => blob.replace(/"public":"[^"]*"/, `"public":"${'C'.repeat(43)}="`)],
    ['the seed of another key', (blob, other) => blob.replace(wrappedOf(blob), wrappedOf(other))],
    ['bytes that do not open', (blob) => blob.replace(wrappedOf(blob), Buffer.alloc(108, 7).toString('base64'))],
    ['a generation that never existed', (blob) => blob.replace('"wrap":2', '"wrap":9')],
    ['the older generation again', (blob) => blob.replace('"wrap":2', '"wrap":1')],
  ])('stay where the blob has %s, and the others follow', async (_what, change) => {
    const { vault } = await of.start();
    const [first, second] = after;
    if (first === undefined || second === undefined) return expect.fail('no keys');
    const other = await vault.store.get(PLACE, ingestKeyPath(tenant, second.id), MAX_ENVELOPE, request());
    await replaceBlob(vault, first.id, (blob) => change(blob, other?.bytes.toString() ?? ''));
    expect((await restored(vault)).tenants).toMatchObject([{ ingestKeys: 1 }]);
    expect(await generations(vault)).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('stay where someone with the database changed the row, which verification names', async () => {
    const { vault } = await of.start();
    const [first] = after;
    const sql = rowsOfSqlite(of.deployment.database);
    await sql.set('ingest_key', { id: first?.id }, { public: Buffer.alloc(32, 9) });
    await sql.close();
    expect((await restored(vault)).tenants).toMatchObject([{ ingestKeys: 1 }]);
    expect(await generations(vault)).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(await found(vault)).toEqual(['ingest_key_forged']);
  });
});

function wrappedOf(blob: string): string {
  return Buffer.from(parseIngestKey(Buffer.from(blob)).key.wrapped).toString('base64');
}
