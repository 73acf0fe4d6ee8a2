// Retiring older generations: rejected while anything refers to one, whatever the rows say; then nothing older opens.
import { describe, expect, it } from 'vitest';
import { newOperationNonce } from '../../src/bytes/ids.ts';
import { envelopePath, MAX_ENVELOPE } from '../../src/envelope/envelope.ts';
import { tenantPath } from '../../src/envelope/tenant-blob.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { unwrapDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { findRemaining, retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration, setVolumeMode } from '../../src/vault/keys/rotation.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { freshVault } from '../support/vaults.ts';

const by = operatorActor('op-1');
const PLACE = { region: '', bucket: '', prefix: '' };
const test = freshVault();

const nobody = (): void => undefined;
const raise = () => raiseGeneration(test.vault, by, test.tenant, test.request);
const rewrap = () =>
  rewrapTenant(test.vault, by, test.tenant, { rate: 1000, concurrency: 8, sample: 2 }, nobody, test.request);
const retire = () => retireKeys(test.vault, by, test.tenant, nobody, test.request);
const find = () => findRemaining(test.vault, test.tenant, nobody, test.request);
const read = (path: string) => test.vault.store.get(PLACE, path, MAX_ENVELOPE, test.request);

/** Puts other bytes in a blob's place, as anyone with write access to the bucket can. */
async function putBack(path: string, bytes: Uint8Array): Promise<void> {
  await test.vault.store.delete(PLACE, path, test.request);
  await test.vault.store.put(PLACE, path, bytes, newOperationNonce(), test.request);
}

describe('an older generation', () => {
  it('stays while rows, envelopes, the metadata key or tenant.json refer to it', async () => {
    const [one] = await seedDeposits(test.vault, test.tenant, 3, test.request);
    const path = envelopePath(test.tenant, one?.recording ?? '', one?.deposit ?? '');
    await expect(retire()).rejects.toMatchObject({ code: 'conflict', message: 'there is nothing older to retire' });
    const [oldEnvelope, oldTenant] = [await read(path), await read(tenantPath(test.tenant))];
    await raise();
    expect(await find()).toEqual({
      rows: 3,
      envelopes: 3,
      unreadable: 0,
      metadataKey: true,
      tenantBlob: true,
      ingestKeys: 0,
    });
    await expect(retire()).rejects.toMatchObject({ code: 'conflict' });
    await rewrap();
    expect(await find()).toEqual({
      rows: 0,
      envelopes: 0,
      unreadable: 0,
      metadataKey: false,
      tenantBlob: false,
      ingestKeys: 0,
    });

    // A restored envelope is found although its row says otherwise, and the next re-wrap writes it again.
    await putBack(path, oldEnvelope?.bytes ?? Buffer.alloc(0));
    await expect(retire()).rejects.toThrow('still under an older generation: 1 envelopes in the store');
    expect((await rewrap()).envelopes).toMatchObject({ written: 1 });
    await putBack(tenantPath(test.tenant), oldTenant?.bytes ?? Buffer.alloc(0));
    await expect(retire()).rejects.toThrow('still under an older generation: tenant.json');
    await rewrap();
    // A blob without the name of an envelope does not count.
    await putBack(`t/${test.tenant}/e/notes.txt`, Buffer.from('{}'));
    expect(await find()).toMatchObject({ envelopes: 0, unreadable: 0 });
    await putBack(path, Buffer.from('{}'));
    await expect(retire()).rejects.toThrow('1 envelopes that cannot be read');
  });

  it('opens nothing once it is retired, also after an old wrapped key is restored', async () => {
    const [one] = await seedDeposits(test.vault, test.tenant, 2, test.request);
    const ids = { id: one?.deposit ?? '', recording: one?.recording ?? '' };
    const before = await test.vault.db.read((rows) => rows.wrappedKeys.find(test.tenant, ids.id), test.request);
    await raise();
    await rewrap();
    if (before === null) throw new Error('not there');
    const open = async () => {
      const tenant = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
      if (tenant === null) throw new Error('not there');
      return unwrapDataKey(test.vault, tenant, ids, before, test.request);
    };
    (await open()).zero();
    expect(await retire()).toMatchObject({ minimum: 2 });
    await expect(open()).rejects.toMatchObject({ code: 'key_refused' });
    await expect(retire()).rejects.toThrow('there is nothing older to retire');
  });

  it('stays while a deposit in progress uses it', async () => {
    await test.vault.db.change(async (tx) => {
      const { tenant } = test;
      await tx.wrappedKeys.insert({
        ...{ tenant, deposit: 'dep_underway', scheme: 'keyring', keyId: 'k', wrap: 1, envelopeWrap: null },
        wrapped: Buffer.alloc(80),
      });
      await tx.deposits.insert({
        ...{ tenant, id: 'dep_underway', recording: 'rec_a', object: 'audio', state: 'UPLOADING', version: 1 },
        ...{ op: 'op', principal: 'svc_a', created: 'now', uploadId: null, lease: null },
        ...{ envelope: null, digest: null, committed: null, verifiedAt: null },
      });
      const object = { type: 'key', id: tenant, why: 'settle' };
      const actor = { type: 'system', id: 'node', auth: 'none' } as const;
      return {
        result: undefined,
        events: [{ log: tenant, id: 'evt_a', actor, action: 'key.used', outcome: 'ok', object }],
      };
    }, test.request);
    await raise();
    const done = await rewrap();
    expect(done).toMatchObject({ complete: false, backlog: { underway: 1, dataKeys: 0 } });
    await expect(retire()).rejects.toThrow('1 wrapped keys in the database');
  });

  it('of volume mode is deleted with its tenant KEK, row and blob', async () => {
    const keks = async () => test.vault.db.read((rows) => rows.wrappedKeys.tenantKeks(test.tenant), test.request);
    const blobs = async () => {
      const found: string[] = [];
      for await (const { path } of test.vault.store.list(PLACE, `t/${test.tenant}/k/`, test.request)) found.push(path);
      return found;
    };
    await setVolumeMode(test.vault, by, test.tenant, true, test.request);
    await seedDeposits(test.vault, test.tenant, 5, test.request);
    await raise();
    expect(await keks()).toMatchObject([{ wrap: 2 }, { wrap: 3 }]);
    await expect(retire()).rejects.toThrow('5 wrapped keys');
    expect(await rewrap()).toMatchObject({ keys: 5, lent: true, complete: true });
    expect(await blobs()).toHaveLength(2);
    await retire();
    expect(await keks()).toMatchObject([{ wrap: 3 }]);
    expect(await blobs()).toHaveLength(1);
    // And out of volume mode: the data keys return under the key service's key.
    await setVolumeMode(test.vault, by, test.tenant, false, test.request);
    expect(await rewrap()).toMatchObject({ keys: 5, lent: true, complete: true });
    await retire();
    expect([await keks(), await blobs()]).toEqual([[], []]);
  });
});
