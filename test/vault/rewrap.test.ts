// Re-wrapping: everything is brought to the new generation, once, whatever stops it or runs concurrently.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { envelopePath, MAX_ENVELOPE, parseEnvelope } from '../../src/envelope/envelope.ts';
import type { SecretKey } from '../../src/envelope/secret-key.ts';
import { parseTenant, tenantPath } from '../../src/envelope/tenant-blob.ts';
import { VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { backlogOf, readCensus } from '../../src/vault/keys/census.ts';
import { idsDigest } from '../../src/vault/keys/rewrap/batch.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { ENGINES } from '../support/engines.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { callAudio, openTestVault, type TestVault, wavOf } from '../support/vault.ts';

const by = operatorActor('op-1');
const OPTIONS = { rate: 1000, concurrency: 8, sample: 5 };
const PLACE = { region: '', bucket: '', prefix: '' };
let test: TestVault;

const put = (callId: string) => {
  return deposit(test.vault, test.uploader, callAudio(callId, wavOf(1_000)), test.request);
};
const rewrap = (vault: Vault = test.vault, options = OPTIONS) =>
  rewrapTenant(vault, by, test.tenant, options, () => undefined, test.request);
const raise = () => raiseGeneration(test.vault, by, test.tenant, test.request);
const counted = () => readCensus(test.vault, test.tenant, test.request);

type Leaf = { readonly action: string; readonly object: Record<string, unknown> };

async function leaves(): Promise<Leaf[]> {
  const events = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 100_000), test.request);
  return events.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Leaf);
}

async function envelopeOf({ recording, deposit: id }: { recording: string; deposit: string }) {
  const found = await test.vault.store.get(PLACE, envelopePath(test.tenant, recording, id), MAX_ENVELOPE, test.request);
  return found === null ? null : parseEnvelope(found.bytes);
}

describe.each(ENGINES)('a re-wrap on $engine $reason', ({ engine, present }) => {
  const suite = it.skipIf(!present);
  beforeEach(async () => {
    if (present) test = await openTestVault(engine);
  });
  afterEach(async () => {
    if (present) await test.close();
  });

  suite('brings rows, envelopes, the metadata key and tenant.json to the generation', async () => {
    const real = await put('one');
    const made = await seedDeposits(test.vault, test.tenant, 450, test.request);
    const { wrap } = await raise();
    expect(wrap).toBe(2);
    expect(backlogOf(await counted())).toEqual({
      dataKeys: 451,
      underway: 0,
      envelopes: 0,
      metadataKey: true,
      tenantBlob: false,
      ingestKeys: 0,
      ingestBlobs: 0,
    });
    const done = await rewrap();
    expect(done).toMatchObject({ keys: 451, others: 0, refused: [], lent: false, metadataKey: true, complete: true });
    expect(done.tenantBlob).toBe('written');
    expect(done.envelopes).toEqual({ written: 451, current: 0, missing: 0, damaged: 0, contended: 0 });
    expect(done.sample).toMatchObject({ failed: [] });
    expect(done.sample.opened).toBeGreaterThan(0);
    const { lines, tenant } = await counted();
    expect(lines).toMatchObject([{ wrap: 2, keys: 451, envelopesBehind: 0 }]);
    expect(tenant).toMatchObject({ metadataKey: { wrap: 2 }, blobWrap: 2 });
    for (const one of [real, made[0], made[449]]) {
      expect((await envelopeOf(one ?? real))?.key.wrap).toBe(2);
    }
    const blob = await test.vault.store.get(PLACE, tenantPath(test.tenant), MAX_ENVELOPE, test.request);
    expect(parseTenant(blob?.bytes ?? Buffer.alloc(0)).key.wrap).toBe(2);
    // One event per batch; together they name every deposit once.
    const events = (await leaves()).filter(({ action, object }) => action === 'key.rewrapped' && !('use' in object));
    const counts = events.map(({ object }) => Number(object['count']));
    expect(Math.max(...counts)).toBeLessThanOrEqual(200);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(451);
    expect(events[0]?.object).toMatchObject({ from: 1, wrap: 2, how: 'inside', deposits: expect.any(String) });
  });

  suite('lends the metadata key to this process, records that, and overwrites it', async () => {
    await raise();
    const asked: string[] = [];
    const lent: SecretKey[] = [];
    const keys: Vault['keys'] = {
      ...test.vault.keys,
      rewrap: (...args) => {
        asked.push(args[2].context['vault:use'] ?? '');
        return test.vault.keys.rewrap(...args);
      },
      wrap: (key, dataKey, context, wait) => {
        asked.push(`wrap ${context['vault:use']}`);
        lent.push(dataKey);
        return test.vault.keys.wrap(key, dataKey, context, wait);
      },
    };
    await put('one');
    await raise();
    expect(await rewrap({ ...test.vault, keys })).toMatchObject({ keys: 1, lent: false, metadataKey: true });
    expect(asked).toEqual(['wrap metadata', 'object']);
    expect(() => lent[0]?.use(() => undefined)).toThrow(expect.objectContaining({ code: 'key_zeroed' }));
    const own = (await leaves()).filter(({ object }) => object['use'] === 'metadata');
    expect(own.map(({ object }) => object)).toMatchObject([{ from: 1, wrap: 3, count: 1, how: 'lent' }]);
    const failing = { ...keys, wrap: async () => Promise.reject(new VaultError('key_refused', 'denied')) };
    await raise();
    const unwrap: Vault['keys']['unwrap'] = async (...args) => {
      const key = await test.vault.keys.unwrap(...args);
      lent.push(key);
      return key;
    };
    await expect(rewrap({ ...test.vault, keys: { ...failing, unwrap } })).rejects.toMatchObject({
      code: 'key_refused',
    });
    expect(lent).toHaveLength(2);
    expect(() => lent[1]?.use(() => undefined)).toThrow(expect.objectContaining({ code: 'key_zeroed' }));
  });

  suite('has nothing to do the second time, and the recording plays as before', async () => {
    await put('one');
    await raise();
    await rewrap();
    const again = await rewrap();
    expect(again).toMatchObject({ keys: 0, metadataKey: false, tenantBlob: 'current', complete: true });
    expect(again.envelopes.written).toBe(0);
    // The same bytes again: the digest opens with the re-wrapped metadata key.
    expect(await put('one')).toMatchObject({ created: false });
  });

  suite('by two concurrent runners re-wraps each deposit once', async () => {
    await seedDeposits(test.vault, test.tenant, 900, test.request);
    await raise();
    const other = await test.another();
    const [one, two] = await Promise.all([rewrap(), rewrap(other)]);
    expect(one.keys + two.keys).toBe(900);
    expect([one.complete, two.complete]).toContain(true);
    const events = (await leaves()).filter(({ action, object }) => action === 'key.rewrapped' && !('use' in object));
    expect(events.reduce((sum, { object }) => sum + Number(object['count']), 0)).toBe(900);
    expect((await counted()).lines).toMatchObject([{ wrap: 2, keys: 900, envelopesBehind: 0 }]);
  });

  suite('continues after the store was unavailable, and names deposits without an envelope', async () => {
    const [first] = await seedDeposits(test.vault, test.tenant, 20, test.request);
    await raise();
    const away = { ...test.vault.store, replace: () => Promise.reject(new Error('away')) };
    await expect(rewrap({ ...test.vault, store: away })).rejects.toThrow('away');
    expect(backlogOf(await counted())).toMatchObject({ dataKeys: 20, envelopes: 0 });
    const late: typeof away = { ...test.vault.store, replace: () => Promise.reject(new Error('away')) };
    const path = envelopePath(test.tenant, first?.recording ?? '', first?.deposit ?? '');
    late.replace = ((...of: Parameters<Vault['store']['replace']>) =>
      of[1].endsWith('tenant.json') ? test.vault.store.replace(...of) : Promise.reject(new Error('away'))) as never;
    await expect(rewrap({ ...test.vault, store: late })).rejects.toThrow('away');
    const half = backlogOf(await counted());
    expect(half.envelopes).toBeGreaterThan(0);
    expect(half.dataKeys + half.envelopes).toBe(20);
    await test.vault.store.delete(PLACE, path, test.request);
    const done = await rewrap();
    expect(done).toMatchObject({ keys: half.dataKeys, withoutEnvelope: [first?.deposit], complete: false });
    expect(done.envelopes).toMatchObject({ written: 19, missing: 1 });
    expect(backlogOf(await counted()).envelopes).toBe(1);
  });
});

describe('the digest of a batch', () => {
  it('is that of the sorted ids with a line feed after each', () => {
    expect(idsDigest(['dep_b', 'dep_a'])).toBe(idsDigest(['dep_a', 'dep_b']));
    // printf 'dep_a\ndep_b\n' | sha256sum
    expect(idsDigest(['dep_b', 'dep_a'])).toBe('3089cbc62cdecf993d3efa072f0b051a90e6fde95dabe37f82da1aeca9d1b0fe');
  });
});
