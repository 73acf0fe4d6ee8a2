// Ingest keys through rotation, re-wrap and retirement of generations: rows and blobs follow, and each key still opens.
import { beforeEach, describe, expect, it } from 'vitest';
import { newOperationNonce } from '../../src/bytes/ids.ts';
import { MAX_ENVELOPE } from '../../src/envelope/envelope.ts';
import { ingestKeyPath, parseIngestKey, verifyIngestKey } from '../../src/envelope/ingest-key-blob.ts';
import { VaultError } from '../../src/errors.ts';
import type { IngestKeyRow } from '../../src/model/ingest-key.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { ingestKeys } from '../../src/vault/core/keys-in-memory/ingest-keys.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { readKeyExposure } from '../../src/vault/exposure/key.ts';
import { backlogOf, readCensus } from '../../src/vault/keys/census.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { moveToNewKey } from '../../src/vault/keys/move-key.ts';
import { planAfterRotation } from '../../src/vault/keys/plan.ts';
import { findRemaining, retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration, setVolumeMode, tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { publicKeyOf } from '../support/ingest-keys.ts';
import { freshVault } from '../support/vaults.ts';

const by = operatorActor('op-1');
const PLACE = { region: '', bucket: '', prefix: '' };
const test = freshVault();
const nothing = (): void => undefined;

const tenantRow = () => tenantWithKey(test.vault, test.tenant, test.request);
const create = async () => createIngestKey(test.vault, by, await tenantRow(), 'rotated', test.request);
const raise = () => raiseGeneration(test.vault, by, test.tenant, test.request);
const rewrap = (vault: Vault = test.vault) =>
  rewrapTenant(vault, by, test.tenant, { rate: 1000, concurrency: 8, sample: 2 }, nothing, test.request);
const retire = () => retireKeys(test.vault, by, test.tenant, nothing, test.request);
const rows = () => test.vault.db.read(({ ingestKeys: all }) => all.all(test.tenant), test.request);
const left = async () => backlogOf(await readCensus(test.vault, test.tenant, test.request));
const blobOf = async ({ id }: Pick<IngestKeyRow, 'id'>) =>
  (await test.vault.store.get(PLACE, ingestKeyPath(test.tenant, id), MAX_ENVELOPE, test.request))?.bytes ?? null;

const idsOf = (keys: readonly IngestKeyRow[]) => new Set(keys.map(({ id }) => id));

async function opensAll(): Promise<void> {
  const fresh = ingestKeys(test.vault);
  const tenant = await tenantRow();
  for (const row of await rows()) {
    const seed = await fresh.get(tenant, row.id, test.request);
    expect(seed.use(publicKeyOf).equals(Buffer.from(row.public))).toBe(true);
    const blob = (await blobOf(row)) ?? Buffer.alloc(0);
    verifyIngestKey(blob, await test.vault.metadataKeys.get(tenant, test.request));
    expect(parseIngestKey(blob).key).toMatchObject({ id: row.keyId, wrap: row.wrap });
  }
  fresh.close();
}

async function replaceBlob(path: string, bytes: Uint8Array | null): Promise<void> {
  await test.vault.store.delete(PLACE, path, test.request);
  if (bytes !== null) await test.vault.store.put(PLACE, path, bytes, newOperationNonce(), test.request);
}

describe('ingest keys', () => {
  let keys: readonly IngestKeyRow[];
  beforeEach(async () => {
    keys = [await create(), await create()];
  });

  it('follow to the new generation, rows and blobs, lent to this process, and keep their public keys', async () => {
    await raise();
    expect(await left()).toMatchObject({ ingestKeys: 2, ingestBlobs: 0 });
    expect(await findRemaining(test.vault, test.tenant, nothing, test.request)).toMatchObject({ ingestKeys: 2 });
    await expect(retire()).rejects.toThrow('2 ingest keys');
    expect(await rewrap()).toMatchObject({ ingestKeys: { opened: idsOf(keys), refused: [] }, complete: true });
    expect(await left()).toMatchObject({ ingestKeys: 0, ingestBlobs: 0 });
    expect((await rows()).map(({ wrap, blobWrap, public: key, mac }) => ({ wrap, blobWrap, key, mac }))).toEqual(
      keys.map(({ public: key, mac }) => ({ wrap: 2, blobWrap: 2, key, mac })),
    );
    await opensAll();
    const events = await test.vault.db.read(({ log }) => log.events(test.tenant, 0, 1000), test.request);
    const own = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []).filter(({ object }) => object['use'] === 'ingest');
    expect(own.map(({ action, object }) => [action, object['from'], object['wrap'], object['how']])).toEqual([
      ['key.rewrapped', 1, 2, 'lent'],
      ['key.rewrapped', 1, 2, 'lent'],
    ]);
    expect(await rewrap()).toMatchObject({ ingestKeys: { opened: new Set() }, complete: true });
    await retire();
    await opensAll();
    // What was wrapped before opens no more.
    const [first] = keys;
    const forged = { ...test.vault.db, read: async () => first } as unknown as Vault['db'];
    const old = ingestKeys({ ...test.vault, db: forged }).get(await tenantRow(), first?.id ?? '', test.request);
    await expect(old).rejects.toMatchObject({ code: 'key_refused' });
  });

  it('move to another key of the tenant, and are never wrapped under a tenant KEK', async () => {
    await setVolumeMode(test.vault, by, test.tenant, true, test.request);
    const { key } = await moveToNewKey(test.vault, by, test.tenant, test.request);
    const period = { since: '2000-01-01T00:00:00.000Z', until: '2999-01-01T00:00:00.000Z' };
    const exposed = async (id: string) =>
      (await readKeyExposure(test.vault, test.tenant, id, period, test.request)).ingestKeys;
    const before = keys[0]?.keyId ?? '';
    expect([await exposed(before), await exposed(key.id)]).toEqual([2, 0]);
    await create();
    await rewrap();
    for (const row of await rows()) expect(row).toMatchObject({ scheme: 'keyring', keyId: key.id, wrap: 3 });
    expect([await exposed(before), await exposed(key.id)]).toEqual([0, 3]);
    await retire();
    await opensAll();
  });

  it('cost an unwrap and a wrap each in the plan of a rotation', async () => {
    const census = await readCensus(test.vault, test.tenant, test.request);
    const costs = { service: 'a service', quota: 1000, dollars: 0 };
    const without = planAfterRotation({ ...census, ingestKeys: [] }, costs).calls;
    expect(planAfterRotation(census, costs).calls).toBe(without + 4);
  });

  it('get their blobs again where these are missing, damaged, another key’s, or behind', async () => {
    const [first, second] = keys;
    if (first === undefined || second === undefined) throw new Error('no keys');
    const path = ingestKeyPath(test.tenant, first.id);
    const before = await blobOf(first);
    await raise();
    await rewrap();
    const current = await blobOf(first);
    for (const wrong of [
      null,
      before,
      await blobOf(second),
      Buffer.from('{"format":"callvault/1"}'),
      Buffer.from('no JSON'),
    ]) {
      await replaceBlob(path, wrong);
      if (wrong === null || wrong === before) await expect(retire()).rejects.toThrow('1 ingest keys');
      await rewrap();
      expect(await blobOf(first)).toEqual(current);
    }
    // A later version wrote it: this one must not overwrite it.
    const later = Buffer.from('{"format":"callvault/2"}');
    await replaceBlob(path, later);
    await rewrap();
    expect(await blobOf(first)).toEqual(later);
  });

  it('keep their blobs where someone changed the row: without the database they are all that opens files', async () => {
    const [first, second] = keys;
    if (first === undefined || second === undefined) throw new Error('no keys');
    const { wrapped, keyId, mac, public: key } = second;
    const rowsOf = (changes: Partial<IngestKeyRow>): Vault => {
      const read: Vault['db']['read'] = (work, wait) =>
        test.vault.db.read((found) => {
          const all = async (of: string) =>
            (await found.ingestKeys.all(of)).map((row) => (row.id === first.id ? { ...row, ...changes } : row));
          return work({ ...found, ingestKeys: { ...found.ingestKeys, all } });
        }, wait);
      return { ...test.vault, db: { ...test.vault.db, read } };
    };
    const before = await blobOf(first);
    for (const changes of [
      { wrapped: Buffer.alloc(first.wrapped.length, 7) },
      { wrapped, keyId },
      { public: key },
      { mac },
      { wrapped, keyId, mac, public: key },
    ]) {
      await rewrap(rowsOf(changes));
      expect(await blobOf(first)).toEqual(before);
    }
  });

  it('that do not open stay behind, and the others follow', async () => {
    const [first, second] = keys;
    await raise();
    const refusing: Vault['keys'] = {
      ...test.vault.keys,
      unwrap: (key, context, wait) =>
        Buffer.compare(key.wrapped, first?.wrapped ?? Buffer.alloc(0)) === 0
          ? Promise.reject(new VaultError('key_refused', 'denied'))
          : test.vault.keys.unwrap(key, context, wait),
    };
    expect(await rewrap({ ...test.vault, keys: refusing })).toMatchObject({
      ingestKeys: { opened: new Set([second?.id]), refused: [first?.id] },
      complete: false,
      backlog: { ingestKeys: 1 },
    });
    expect((await rows()).map(({ id, wrap }) => [id, wrap])).toEqual([
      [first?.id, 1],
      [second?.id, 2],
    ]);
    expect(await rewrap()).toMatchObject({ ingestKeys: { opened: new Set([first?.id]), refused: [] }, complete: true });
  });

  it('are re-wrapped once by two runs', async () => {
    await raise();
    const both = await Promise.all([rewrap(), rewrap()]);
    expect(both.flatMap(({ ingestKeys: { opened } }) => [...opened]).sort()).toEqual([...idsOf(keys)].sort());
    await rewrap();
    await opensAll();
  });
});
