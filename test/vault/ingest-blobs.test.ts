// Ingest keys against their blobs: what verification finds, and what a sweep deletes.
import { describe, expect, it } from 'vitest';
import { newId, newOperationNonce } from '../../src/bytes/ids.ts';
import { MAX_ENVELOPE } from '../../src/envelope/envelope.ts';
import { ingestKeyPath } from '../../src/envelope/ingest-key-blob.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { raiseGeneration, tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { deleteOrphans, findOrphans, type Orphan } from '../../src/vault/sweep/orphans.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { freshVault } from '../support/vaults.ts';

const by = operatorActor('op-9');
const PLACE = { region: '', bucket: '', prefix: '' };
const nothing = (): void => undefined;
const request = () => ({ signal: AbortSignal.timeout(60_000) });
const create = async (vault: Vault, tenant: string) =>
  createIngestKey(vault, by, await tenantWithKey(vault, tenant, request()), 'rotated', request());

describe('ingest keys and their blobs', () => {
  const test = freshVault();
  const hours = (n: number) => ({
    ...test.vault,
    clock: { ...test.vault.clock, now: () => Date.now() + n * 3_600_000 },
  });

  async function findings(vault: Vault = test.vault): Promise<string[]> {
    const found: string[] = [];
    const tenant = await tenantWithKey(vault, test.tenant, request());
    const listener = {
      total: nothing,
      step: nothing,
      found: ({ kind, why }: { readonly kind: string; readonly why?: string }) =>
        void found.push(why === undefined ? kind : `${kind} ${why}`),
    };
    await verifyTenantData(vault, by, tenant, { sample: 0, quarantine: false }, listener, request());
    return found.sort();
  }

  async function orphans(vault: Vault): Promise<Orphan[]> {
    const found: Orphan[] = [];
    const tenant = await tenantWithKey(vault, test.tenant, request());
    for await (const orphan of findOrphans(vault, by, tenant, request())) found.push(orphan);
    return found;
  }

  /** Changes a row as anyone with the database can. */
  const spoil = async (set: (tx: Parameters<Parameters<Vault['db']['change']>[0]>[0]) => Promise<unknown>) => {
    await test.vault.db.change(async (tx) => {
      await set(tx);
      const object = { type: 'key', id: test.tenant, why: 'verify' };
      return {
        result: null,
        events: [{ log: test.tenant, id: newId('evt'), actor: by, action: 'key.used', object }],
      };
    }, request());
  };

  it('are verified: missing, foreign, damaged, replaced and behind ones are found', async () => {
    const [old, row] = [await create(test.vault, test.tenant), await create(test.vault, test.tenant)];
    expect(await findings()).toEqual([]);
    const path = ingestKeyPath(test.tenant, row.id);
    const blob = await test.vault.store.get(PLACE, path, MAX_ENVELOPE, request());
    const put = async (bytes: Uint8Array | string, name = path) => {
      await test.vault.store.delete(PLACE, name, request());
      await test.vault.store.put(PLACE, name, Buffer.from(bytes), newOperationNonce(), request());
    };
    await test.vault.store.delete(PLACE, path, request());
    expect(await findings()).toEqual(['ingest_key_missing']);
    await put(blob?.bytes.toString().replace(row.created, '2020-01-01T00:00:00.000Z') ?? '');
    expect(await findings()).toEqual(['ingest_key_damaged']);
    await put(blob?.bytes ?? '', ingestKeyPath(test.tenant, newId('ink')));
    await put(blob?.bytes ?? '');
    expect(await findings()).toEqual(['ingest_key_unknown']);
    await put('{}', path);
    expect(await findings()).toEqual(['ingest_key_damaged', 'ingest_key_unknown']);
    await put(blob?.bytes ?? '');

    await spoil((tx) => tx.ingestKeys.rewrap(row, { ...row, wrapped: old.wrapped }));
    expect(await findings()).toEqual(['ingest_key_differs seed', 'ingest_key_unknown']);
    await spoil((tx) => tx.ingestKeys.rewrap(row, { ...row, wrap: 2 }));
    expect(await findings()).toEqual(['ingest_key_behind', 'ingest_key_differs refused', 'ingest_key_unknown']);
    await spoil(async (tx) => {
      await tx.ingestKeys.delete(test.tenant, old.id);
      await tx.ingestKeys.insert({ ...old, state: 'OLD', public: Buffer.alloc(32, 9) });
      await tx.ingestKeys.rewrap({ ...row, wrap: 2 }, row);
    });
    expect(await findings()).toEqual(['ingest_key_forged', 'ingest_key_unknown', 'row_differs public']);
  });

  it('are swept after a retirement in the log, and where no tenant made them', async () => {
    const [old, row] = [await create(test.vault, test.tenant), await create(test.vault, test.tenant)];
    const path = ingestKeyPath(test.tenant, old.id);
    const blob = await test.vault.store.get(PLACE, path, MAX_ENVELOPE, request());
    // Its row is lost, and nothing says that it was retired.
    await spoil((tx) => tx.ingestKeys.delete(test.tenant, old.id));
    expect(await orphans(hours(2))).toMatchObject([{ kind: 'ingest_key_valid', path, goes: false }]);
    const foreign = ingestKeyPath(test.tenant, newId('ink'));
    await test.vault.store.put(PLACE, foreign, blob?.bytes ?? Buffer.alloc(0), newOperationNonce(), request());
    expect(await orphans(hours(0))).toMatchObject([{ goes: false }, { kind: 'ingest_key_broken', goes: false }]);
    // The log says so: what was put back is swept.
    await test.vault.db.change(async () => {
      const object = { type: 'ingest_key', id: old.id };
      const event = { log: test.tenant, id: newId('evt'), actor: by, action: 'ingest_key.retired', object } as const;
      return { result: null, events: [event] };
    }, request());
    const found = await orphans(hours(2));
    expect(found).toMatchObject([
      { kind: 'ingest_key_over', path, goes: true },
      { kind: 'ingest_key_broken', path: foreign, goes: true },
    ]);
    const tenant = await tenantWithKey(test.vault, test.tenant, request());
    expect(await deleteOrphans(test.vault, by, tenant, found, request())).toBe(2);
    expect(await orphans(hours(2))).toEqual([]);
    expect(await test.vault.store.head(PLACE, ingestKeyPath(test.tenant, row.id), request())).not.toBeNull();
  });

  it('that are on their way, or came back meanwhile, are not swept', async () => {
    const row = await create(test.vault, test.tenant);
    await raiseGeneration(test.vault, by, test.tenant, request());
    const over: Orphan = {
      ...{ kind: 'ingest_key_over', path: ingestKeyPath(test.tenant, row.id), size: 1 },
      ...{ recording: null, deposit: null, ingestKey: row.id, goes: true },
    };
    const tenant = await tenantWithKey(test.vault, test.tenant, request());
    expect(await deleteOrphans(test.vault, by, tenant, [over], request())).toBe(0);
  });
});
