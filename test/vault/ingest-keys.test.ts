// Ingest keys in use: created and renewed, opened from memory, and nothing that another process did not write.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { ingestKeyPath, parseIngestKey, verifyIngestKey } from '../../src/envelope/ingest-key-blob.ts';
import { VaultError } from '../../src/errors.ts';
import type { IngestKeyRow } from '../../src/model/ingest-key.ts';
import { readIngestKeyNote } from '../../src/model/log/ingest-key-note.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { locationOf, type Tenant } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { ingestKeys } from '../../src/vault/core/keys-in-memory/ingest-keys.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { keyWatcher } from '../../src/vault/listening/watch-keys.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { publicKeyOf, withIngestKey as withRow } from '../support/ingest-keys.ts';
import { makeSigner } from '../support/signer-file.ts';
import { openTestVault, type TestVault } from '../support/vault.ts';

const operator = operatorActor('op-1');

let test: TestVault;
let tenant: Tenant;
let signers: string;

beforeAll(async () => {
  test = await openTestVault();
  const found = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  if (found === null) throw new Error('no tenant');
  tenant = found;
  signers = mkdtempSync(join(tmpdir(), 'callvault-signers-'));
});
afterAll(async () => {
  await test.close();
  rmSync(signers, { recursive: true });
});

/** As another process: its own keys in memory, a log of calls of the key service, and its own clock. */
function asProcess(ahead = 0, signer: Vault['signer'] = null) {
  const calls: string[] = [];
  let extra = ahead;
  const clock = { ...test.vault.clock, now: () => test.vault.clock.now() + extra };
  const keys = new Proxy(test.vault.keys, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  const parts = { ...test.vault, clock, keys };
  const vault: Vault = { ...parts, signer, ingestKeys: ingestKeys(parts) };
  const forward = (ms: number) => {
    extra += ms;
  };
  return { vault, calls, forward };
}

const all = (): Promise<IngestKeyRow[]> => test.vault.db.read((rows) => rows.ingestKeys.all(test.tenant), test.request);

async function current(): Promise<IngestKeyRow> {
  const row = await test.vault.db.read((rows) => rows.ingestKeys.current(test.tenant), test.request);
  if (row === null) throw new Error('no current key');
  return row;
}

async function eventsOf(action: string) {
  const events = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 10_000), test.request);
  return events.flatMap(({ leaf }) => readLeaf(leaf) ?? []).filter((leaf) => leaf.action === action);
}

describe('the background work of ingest keys', () => {
  it('creates the key of a tenant without one, once, with its blob and its event', async () => {
    const { vault } = asProcess();
    expect(await maintainIngestKeys(vault, test.request)).toBe(1);
    expect(await maintainIngestKeys(vault, test.request)).toBe(0);
    const row = await current();
    const blob = await vault.store.get(locationOf(tenant), ingestKeyPath(row.tenant, row.id), 65_536, test.request);
    if (blob === null) throw new Error('no blob');
    const { key, ...said } = parseIngestKey(blob.bytes);
    expect(said).toEqual({ tenant: row.tenant, id: row.id, created: row.created, public: row.public, mac: row.mac });
    expect(key).toMatchObject({ scheme: 'keyring', wrap: tenant.wrap });
    verifyIngestKey(blob.bytes, await vault.metadataKeys.get(tenant, test.request));
    const [event] = await eventsOf('ingest_key.created');
    expect(event?.object).toEqual({
      type: 'ingest_key',
      id: row.id,
      how: 'new',
      public: Buffer.from(row.public).toString('base64'),
    });
  });

  it('creates one key where two processes begin at once', async () => {
    const before = await all();
    const year = 366 * 24 * 3_600_000;
    const [one, two] = [asProcess(year), asProcess(year)];
    await Promise.all([one, two].map(({ vault }) => maintainIngestKeys(vault, test.request)));
    const after = await all();
    expect(after).toHaveLength(before.length + 1);
    expect(after.filter(({ state }) => state === 'CURRENT').map(({ id }) => id)).toEqual([(await current()).id]);
    const made = (await eventsOf('ingest_key.created')).at(-1);
    expect(made?.object).toMatchObject({ id: (await current()).id, replaces: before[0]?.id });
    // The loser's blob is deleted again.
    const blobs: string[] = [];
    for await (const { path } of one.vault.store.list(locationOf(tenant), `t/${test.tenant}/i/`, test.request))
      blobs.push(path);
    expect(blobs.sort()).toEqual(after.map(({ id }) => ingestKeyPath(test.tenant, id)).sort());
  });

  it('makes each key newer than the one before, also after the clock went back: relays accept no older one', async () => {
    const before = await current();
    const { vault } = asProcess(-30 * 24 * 3_600_000);
    const row = await createIngestKey(vault, operator, tenant, 'rotated', test.request);
    expect(row.created > before.created).toBe(true);
  });

  it('calls no key service and stores no blob while the log takes no event', async () => {
    const { vault, calls } = asProcess(800 * 24 * 3_600_000);
    const failing = { code: 'audit_unavailable' } as const;
    const puts: string[] = [];
    const held: Vault = {
      ...vault,
      db: { ...vault.db, proveLog: async () => Promise.reject(new VaultError(failing.code, 'held')) },
      store: { ...vault.store, put: async (_place, path) => void puts.push(path) },
    };
    await expect(maintainIngestKeys(held, test.request)).rejects.toMatchObject(failing);
    expect([calls, puts]).toEqual([[], []]);
  });

  it('creates no key for a suspended tenant', async () => {
    const { vault } = asProcess(800 * 24 * 3_600_000);
    await suspendTenant(vault, operator, test.tenant, test.request);
    expect(await maintainIngestKeys(vault, test.request)).toBe(0);
    await resumeTenant(vault, operator, test.tenant, test.request);
  });

  it('signs the note when there is a signer, and again when its keys change', async () => {
    const [old, young] = [join(signers, 'old.pem'), join(signers, 'young.pem')];
    const key = await current();
    expect(key.note).toBeNull();
    for (const paths of [[old], [old, young]]) {
      const signer = await makeSigner(paths);
      const { vault } = asProcess(0, signer);
      expect(await maintainIngestKeys(vault, test.request)).toBe(1);
      expect(await maintainIngestKeys(vault, test.request)).toBe(0);
      const { note } = await current();
      const verifiers = verifiersOf(signer, `vault.example/${test.tenant}`);
      expect(verifiers).toHaveLength(paths.length);
      for (const verifier of verifiers)
        expect(
          readIngestKeyNote(note ?? '', verifier, { tenant: test.tenant, origin: 'vault.example' }, noteCrypto),
        ).toEqual({ id: key.id, created: key.created, public: new Uint8Array(key.public) });
    }
  });

  it('signs no public key that callvault did not write', async () => {
    const signer = await makeSigner([join(signers, 'another.pem')]);
    const { vault } = asProcess(0, signer);
    const before = await current();
    for (const changes of [{ public: Buffer.alloc(32, 9) }, { id: newId('ink') }, { mac: Buffer.alloc(64) }])
      await expect(maintainIngestKeys(withRow(vault, changes), test.request)).rejects.toMatchObject({
        code: 'integrity',
      });
    expect(await current()).toEqual(before);
  });
});

describe('an ingest key in memory', () => {
  it('is the seed of its public key by RFC 9180, unwrapped once and counted', async () => {
    const { vault, calls } = asProcess();
    const row = await current();
    const seeds = await Promise.all([1, 2].map(() => vault.ingestKeys.get(tenant, row.id, test.request)));
    expect(seeds[0]).toBe(seeds[1]);
    expect(calls).toEqual(['unwrap']);
    expect(seeds[0]?.use(publicKeyOf).equals(Buffer.from(row.public))).toBe(true);
    const uses = (await eventsOf('key.used')).filter(({ object }) => object['why'] === 'ingest');
    expect(uses.length).toBeGreaterThan(0);
  });

  it('opens with an older key as well, and not with a key of no row or of another tenant', async () => {
    const { vault } = asProcess();
    const [older] = await all();
    (await vault.ingestKeys.get(tenant, older?.id ?? '', test.request)).use((seed) => expect(seed).toHaveLength(32));
    const unknown = { code: 'ingest_key_unknown' };
    await expect(vault.ingestKeys.get(tenant, newId('ink'), test.request)).rejects.toMatchObject(unknown);
    const other = { ...tenant, tenant: newId('ten') };
    await expect(vault.ingestKeys.get(other, older?.id ?? '', test.request)).rejects.toMatchObject(unknown);
  });

  it('does not open with a replaced public key, seed, MAC or generation', async () => {
    const { vault } = asProcess();
    const [older, row] = [(await all())[0], await current()];
    if (older === undefined || older.id === row.id) throw new Error('no older key');
    const open = (changes: Partial<IngestKeyRow>) =>
      withRow(vault, changes).ingestKeys.get(tenant, row.id, test.request);
    for (const changes of [
      { public: older.public },
      { wrapped: older.wrapped },
      { mac: older.mac },
      { public: older.public, mac: older.mac },
      { public: older.public, wrapped: older.wrapped, mac: older.mac },
      { created: older.created },
    ])
      await expect(open(changes)).rejects.toMatchObject({ code: 'integrity' });
    await expect(open({ wrap: row.wrap + 1 })).rejects.toMatchObject({ code: 'key_refused' });
    const retired = { ...tenant, minimumWrap: row.wrap + 1 };
    await expect(vault.ingestKeys.get(retired, row.id, test.request)).rejects.toMatchObject({ code: 'key_refused' });
    (await open({})).zero();
  });

  it('is overwritten after minutes, on suspension, and when its row is deleted', async () => {
    const { vault, forward } = asProcess();
    const { id } = await createIngestKey(vault, operator, tenant, 'rotated', test.request);
    const seed = await vault.ingestKeys.get(tenant, id, test.request);
    expect(vault.ingestKeys.refs()).toEqual([{ tenant: test.tenant, id }]);
    forward(5 * 60_000);
    expect(vault.ingestKeys.expire()).toBe(0);
    forward(60_000);
    expect(vault.ingestKeys.expire()).toBe(1);
    await Promise.resolve();
    expect(() => seed.use(() => undefined)).toThrow('no longer in memory');

    await vault.ingestKeys.get(tenant, id, test.request);
    await keyWatcher(vault)(test.request);
    expect(vault.ingestKeys.refs()).toEqual([{ tenant: test.tenant, id }]);
    await suspendTenant(test.vault, operator, test.tenant, test.request);
    await keyWatcher(vault)(test.request);
    expect(vault.ingestKeys.refs()).toEqual([]);
    await resumeTenant(test.vault, operator, test.tenant, test.request);

    const older = (await all())[0]?.id ?? '';
    await vault.ingestKeys.get(tenant, older, test.request);
    await test.vault.db.change(async (tx) => {
      await tx.ingestKeys.delete(test.tenant, older);
      const object = { type: 'ingest_key', id: older };
      return {
        result: null,
        events: [{ log: test.tenant, id: newId('evt'), actor: operator, action: 'ingest_key.retired', object }],
      };
    }, test.request);
    await expect(vault.ingestKeys.get(tenant, older, test.request)).rejects.toMatchObject({
      code: 'ingest_key_unknown',
    });
    expect(vault.ingestKeys.refs()).toEqual([]);
  });
});
