// Verification: every fault of a blob or an envelope is named by its kind, and intact ones are not.
// Long because each possible fault of a blob or an envelope is a separate case.
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { objectKey } from '../../src/envelope/object.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import { SEALED_PART } from '../../src/envelope/sizes.ts';
import { encodeTenant } from '../../src/envelope/tenant-blob.ts';
import { VaultError } from '../../src/errors.ts';
import type { Deposit } from '../../src/model/recording.ts';
import type { Tenant } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { unwrapDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { bodyOf, callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const by = operatorActor('op-9');
const ALL = Number.POSITIVE_INFINITY;
const test = sharedVault();
/** Two of one size, and one of two parts. */
let [one, two, large]: DepositResult[] = [];
let undo: (() => void)[] = [];

const blobOf = ({ recording, deposit: id, object }: DepositResult): string =>
  join(test.store, 't', test.tenant, 'r', recording, id, object);
const envelopeOf = ({ recording, deposit: id }: DepositResult): string =>
  join(test.store, 't', test.tenant, 'e', recording, `${id}.json`);
const tenantBlob = (): string => join(test.store, 't', test.tenant, 'tenant.json');

/** Replaces, or with null removes, a file; it is restored after the test. */
function put(path: string, bytes: Uint8Array | null): void {
  const before = readFileSync(path);
  undo.push(() => {
    writeFileSync(path, before);
  });
  if (bytes === null) rmSync(path);
  else writeFileSync(path, bytes);
}

/** A new file, removed after the test. */
function plant(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  undo.push(() => {
    rmSync(path);
  });
}

function flipped(path: string, at: number): Buffer {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  return bytes;
}

async function tenantRow(): Promise<Tenant> {
  const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  if (row === null) throw new Error('no tenant');
  return row;
}

async function verify(sample = ALL, quarantine = false, vault: Vault = test.vault) {
  const found: Finding[] = [];
  const steps = { total: 0, done: 0 };
  const tell = {
    total: (n: number) => {
      steps.total = n;
    },
    step: (n: number) => {
      steps.done += n;
    },
    found: (finding: Finding) => void found.push(finding),
  };
  const done = await verifyTenantData(vault, by, await tenantRow(), { sample, quarantine }, tell, test.request);
  return { found, done, steps };
}

const kinds = async (sample = ALL): Promise<string[]> => (await verify(sample)).found.map(({ kind }) => kind);

/** A later sealing of the same object under the same data key, as a resumed upload would make. */
async function sealAgain(of: DepositResult): Promise<Buffer> {
  const { tenant } = test;
  const row = await test.vault.db.read((rows) => rows.wrappedKeys.find(tenant, of.deposit), test.request);
  if (row === null) throw new Error('no key');
  const ids = { id: of.deposit, recording: of.recording };
  const dataKey = await unwrapDataKey(test.vault, await tenantRow(), ids, row, test.request);
  const identity = { tenant, recording: of.recording, deposit: of.deposit, name: of.object };
  const parts: Buffer[] = [];
  const body = bodyOf(wavOf(of.size - 44)).bytes;
  for await (const { sealed } of sealObject(body, objectKey(dataKey, of.object), identity)) {
    parts.push(Buffer.from(sealed));
  }
  return Buffer.concat(parts);
}

beforeAll(async () => {
  const made: DepositResult[] = [];
  for (const [callId, size] of [
    ['one', 40_000],
    ['two', 40_000],
    ['large', 9_000_000],
  ] as const) {
    const what = callAudio(callId, wavOf(size));
    made.push(await deposit(test.vault, test.uploader, what, test.request));
  }
  [one, two, large] = made;
});
afterEach(() => {
  for (const back of undo.reverse()) back();
  undo = [];
});

const at = (which: DepositResult | undefined): DepositResult => {
  if (which === undefined) throw new Error('not deposited yet');
  return which;
};

describe('verification', () => {
  it('finds nothing where all is intact, opens it all, and writes one event', async () => {
    const { found, done, steps } = await verify();
    expect(found).toEqual([]);
    expect(done).toMatchObject({ deposits: 3, opened: 3, findings: 0, notChecked: 0 });
    expect(steps).toEqual({ total: 4, done: 3 });
    const [events, rows] = await test.vault.db.read(
      async ({ log, deposits }) => [
        await log.events(test.tenant, 0, 1_000),
        await deposits.availableAfter(test.tenant, '', 9),
      ],
      test.request,
    );
    const leaves = events.map(({ leaf }) => JSON.parse(leaf.toString()) as Record<string, Record<string, unknown>>);
    const last = leaves.at(-1);
    expect(last).toMatchObject({ action: 'vault.verified', object: { deposits: 3, opened: 3, findings: 0 } });
    expect(leaves.filter(({ object }) => object?.['why'] === 'verify')).toHaveLength(1);
    expect(rows.every(({ verifiedAt }: Deposit) => verifiedAt !== null)).toBe(true);
  });

  it('opens only a sample on request, and no key at all for a sample of 0', async () => {
    expect((await verify(1)).done).toMatchObject({ deposits: 3, opened: 1 });
    expect((await verify(1)).steps).toEqual({ total: 5, done: 4 });
    put(blobOf(at(one)), flipped(blobOf(at(one)), -1));
    expect(await kinds(0)).toEqual([]);
  });

  const BLOBS: [how: string, kind: string, change: () => unknown][] = [
    ['missing', 'blob_missing', () => put(blobOf(at(one)), null)],
    ['cut', 'blob_size', () => cut(blobOf(at(one)), -1)],
    ['cut to nothing', 'blob_size', () => cut(blobOf(at(one)), 0)],
    ['cut at the end of a part', 'blob_size', () => cut(blobOf(at(large)), SEALED_PART)],
    ['longer', 'blob_size', () => longer(blobOf(at(one)))],
    ['that of another deposit of its size', 'blob_swapped', () => put(blobOf(at(one)), readFileSync(blobOf(at(two))))],
    ['that of another deposit', 'blob_swapped', () => put(blobOf(at(one)), readFileSync(blobOf(at(large))))],
    ['an older sealing', 'blob_behind', async () => put(blobOf(at(one)), await sealAgain(at(one)))],
    ['an older sealing in parts', 'blob_behind', async () => put(blobOf(at(large)), await sealAgain(at(large)))],
    ['flipped in its first header', 'blob_damaged', () => put(blobOf(at(one)), flipped(blobOf(at(one)), 3))],
  ];
  it.each(BLOBS)('names a blob that is %s: %s, without opening it', async (_how, kind, change) => {
    await change();
    expect(await kinds(0)).toEqual([kind]);
    expect(await kinds()).toEqual([kind]);
  });

  it.each([
    ['in its last byte', () => put(blobOf(at(one)), flipped(blobOf(at(one)), -1))],
    ['in a chunk', () => put(blobOf(at(one)), flipped(blobOf(at(one)), 20_000))],
    ['in the header of a later part', () => put(blobOf(at(large)), flipped(blobOf(at(large)), SEALED_PART + 5))],
    ['in a later part', () => put(blobOf(at(large)), flipped(blobOf(at(large)), -9))],
  ])('names a blob that is flipped %s once it is opened', async (_where, change) => {
    change();
    expect(await kinds()).toEqual(['blob_damaged']);
  });

  const text = () => readFileSync(envelopeOf(at(one)), 'utf8');
  const ENVELOPES: [how: string, found: object, change: () => unknown][] = [
    ['missing', { kind: 'envelope_missing' }, () => put(envelopeOf(at(one)), null)],
    ['cut', { kind: 'envelope_damaged', why: 'form' }, () => cut(envelopeOf(at(one)), -1)],
    [
      'flipped',
      { kind: 'envelope_damaged', why: 'form' },
      () => put(envelopeOf(at(one)), flipped(envelopeOf(at(one)), 40)),
    ],
    ['too long', { kind: 'envelope_damaged', why: 'form' }, () => put(envelopeOf(at(one)), Buffer.alloc(70_000))],
    [
      'that of another',
      { kind: 'envelope_swapped' },
      () => put(envelopeOf(at(one)), readFileSync(envelopeOf(at(two)))),
    ],
    [
      'about another object',
      { kind: 'envelope_differs', why: 'object' },
      () => put(envelopeOf(at(one)), Buffer.from(text().replace('"audio/wav"', '"audio/mp4"'))),
    ],
    [
      'under another key',
      { kind: 'envelope_differs', why: 'key' },
      () => put(envelopeOf(at(one)), Buffer.from(text().replace('keyring/', 'keyring/9'))),
    ],
    [
      'of a later generation',
      { kind: 'row_behind' },
      () => put(envelopeOf(at(one)), Buffer.from(text().replace('"wrap":1', '"wrap":2'))),
    ],
  ];
  it.each(ENVELOPES)('names an envelope that is %s', async (_how, expected, change) => {
    await change();
    expect((await verify(0)).found).toMatchObject([expected]);
  });

  it('names an envelope whose MAC or facts were changed once it is opened', async () => {
    const mac = /"mac":"(.)/.exec(text())?.[1] ?? '';
    put(envelopeOf(at(one)), Buffer.from(text().replace(`"mac":"${mac}`, `"mac":"${mac === 'A' ? 'B' : 'A'}`)));
    expect(await kinds(0)).toEqual([]);
    expect((await verify()).found).toMatchObject([{ kind: 'envelope_damaged', why: 'mac' }]);
  });

  it('names blobs without a row, and leaves foreign names alone', async () => {
    const [recording, id] = [newId('rec'), newId('dep')];
    plant(join(test.store, 't', test.tenant, 'r', recording, id, 'audio'), Buffer.alloc(80));
    expect((await verify(0)).found).toMatchObject([{ kind: 'blob_unknown', deposit: id, why: 'no_row' }]);
    plant(join(test.store, 't', test.tenant, 'e', recording, `${id}.json`), readFileSync(envelopeOf(at(one))));
    expect((await verify(0)).found).toMatchObject([{ kind: 'envelope_unknown', deposit: id, why: 'no_row' }]);
    plant(join(test.store, 't', test.tenant, 'r', 'notes.txt'), Buffer.alloc(8));
    expect(await kinds(0)).toHaveLength(1);
  });

  it('reports no deposit that is in progress', async () => {
    const [recording, id] = [newId('rec'), newId('dep')];
    plant(join(test.store, 't', test.tenant, 'r', recording, id, 'audio'), Buffer.alloc(80));
    const [there] = await test.vault.db.read((rows) => rows.deposits.availableAfter(test.tenant, '', 1), test.request);
    const object = { type: 'deposit', id, recording, object: 'audio' };
    const event = { log: test.tenant, id: newId('evt'), actor: by, action: 'deposit.started', object } as const;
    const row = { ...(there as Deposit), id, recording, state: 'COMMITTING' } as const;
    await test.vault.db.change(async (tx) => {
      await tx.deposits.insert(row);
      return { result: undefined, events: [event] };
    }, test.request);
    expect(await kinds(0)).toEqual([]);
    await test.vault.db.change(async (tx) => {
      await tx.deposits.change(row, { state: 'ABORTED' });
      return { result: undefined, events: [{ ...event, id: newId('evt') }] };
    }, test.request);
    expect((await verify(0)).found).toMatchObject([{ kind: 'blob_unknown', why: 'given_up_or_erased' }]);
  });

  it("names a tenant.json that is missing, changed or another tenant's", async () => {
    const said = () => readFileSync(tenantBlob(), 'utf8');
    const found = async (bytes: Buffer | null) => {
      put(tenantBlob(), bytes);
      return (await verify(0)).found.map(({ kind, why }) => (why === undefined ? kind : `${kind} ${why}`));
    };
    const whole = said();
    expect(await found(null)).toEqual(['tenant_blob_missing']);
    writeFileSync(tenantBlob(), whole);
    expect(await found(Buffer.from(whole.slice(0, -1)))).toEqual(['tenant_blob_damaged form']);
    expect(await found(Buffer.from(whole.replace(/"created":"2/, '"created":"3')))).toEqual([
      'tenant_blob_damaged mac',
    ]);
    expect(await found(Buffer.from(whole.replace(test.tenant, newId('ten'))))).toEqual(['tenant_blob_swapped']);
    expect(await found(Buffer.from(whole.replace('"wrap":1', '"wrap":2')))).toEqual(['tenant_row_behind']);
    const row = await tenantRow();
    const key = {
      scheme: 'keyring',
      id: row.key?.id ?? '',
      wrap: 1,
      wrapped: row.metadataKey?.wrapped ?? Buffer.alloc(0),
    } as const;
    const metadataKey = await test.vault.metadataKeys.get(row, test.request);
    const other = encodeTenant({ tenant: test.tenant, created: '2020-01-01T00:00:00.000Z', key }, metadataKey);
    expect(await found(other)).toEqual(['tenant_blob_differs created']);
  });

  it('quarantines damaged recordings only on request, and once', async () => {
    put(blobOf(at(one)), flipped(blobOf(at(one)), -1));
    put(envelopeOf(at(two)), null);
    const state = () =>
      test.vault.db.read(
        async ({ recordings }) =>
          Promise.all([one, two].map(async (of) => (await recordings.find(test.tenant, at(of).recording))?.quarantine)),
        test.request,
      );
    await verify();
    expect(await state()).toEqual([[], []]);
    expect((await verify(ALL, true)).done).toMatchObject({ findings: 2, quarantined: 1 });
    expect(await state()).toEqual([['integrity'], []]);
    expect((await verify(ALL, true)).done).toMatchObject({ findings: 2, quarantined: 0, released: 0 });
  });

  it('releases a recording once all of it opens, and only on request', async () => {
    const reason = () =>
      test.vault.db.read(({ recordings }) => recordings.find(test.tenant, at(one).recording), test.request);
    const whole = blobOf(at(one));
    const bytes = readFileSync(whole);
    put(whole, flipped(whole, -1));
    await verify(ALL, true);
    expect((await reason())?.quarantine).toEqual(['integrity']);
    put(whole, bytes);
    await verify();
    expect((await reason())?.quarantine).toEqual(['integrity']);
    expect((await verify(ALL, true)).done).toMatchObject({ findings: 0, quarantined: 0, released: 1 });
    expect((await reason())?.quarantine).toEqual([]);
  });

  it('quarantines nothing over a store that lacks even tenant.json', async () => {
    put(blobOf(at(one)), null);
    put(join(test.store, 't', test.tenant, 'tenant.json'), null);
    expect((await verify(ALL, true)).done).toMatchObject({ quarantined: 0 });
  });

  it('reports no damage of a deposit that is deleted or created meanwhile', async () => {
    const { store } = test.vault;
    const [row] = await test.vault.db.read((rows) => rows.deposits.availableAfter(test.tenant, '', 1), test.request);
    if (row === undefined) throw new Error('no deposit');
    const object = { type: 'deposit', id: row.id, recording: row.recording };
    const change = (from: Deposit, state: Deposit['state']) =>
      test.vault.db.change(async (tx) => {
        const event = { log: test.tenant, id: newId('evt'), actor: by, action: 'deposit.aborted', object } as const;
        return { result: await tx.deposits.change(from, { state }), events: [event] };
      }, test.request);
    let first = true;
    const head: typeof store.head = async (place, path, wait) => {
      if (!path.includes(row.id) || !first) return store.head(place, path, wait);
      first = false;
      await change(row, 'ABORTED');
      return null;
    };
    const gone = await verify(0, false, { ...test.vault, store: { ...store, head } });
    expect(gone.found.filter(({ kind }) => kind === 'blob_missing')).toEqual([]);
    await change({ ...row, version: row.version + 1 }, 'AVAILABLE');
    // And one whose blob exists at the second check, its row changed in between.
    const [again] = await test.vault.db.read((rows) => rows.deposits.availableAfter(test.tenant, '', 1), test.request);
    let looks = 0;
    const later: typeof store.head = async (place, path, wait) => {
      if (!path.includes(row.id) || looks++ > 0) return store.head(place, path, wait);
      await change(again ?? row, 'AVAILABLE');
      return null;
    };
    expect((await verify(0, false, { ...test.vault, store: { ...store, head: later } })).found).toEqual([]);
    expect(looks).toBeGreaterThan(1);
  });

  it('continues where the store does not answer, and counts what was not checked', async () => {
    const { store } = test.vault;
    const head: typeof store.head = (place, path, wait) =>
      path.includes(at(two).deposit)
        ? Promise.reject(new VaultError('store_unavailable', 'not now'))
        : store.head(place, path, wait);
    put(blobOf(at(one)), null);
    const { done } = await verify(ALL, false, { ...test.vault, store: { ...store, head } });
    expect(done).toMatchObject({ deposits: 3, opened: 2, notChecked: 1, kinds: { blob_missing: 1 } });
  });
});

describe('verification after a re-wrap', () => {
  it('distinguishes an envelope that was rolled back from one that is not re-wrapped yet', async () => {
    const [old, oldTenant] = [readFileSync(envelopeOf(at(one))), readFileSync(tenantBlob())];
    await raiseGeneration(test.vault, by, test.tenant, test.request);
    const options = { rate: ALL, concurrency: 4, sample: 0 };
    await rewrapTenant(test.vault, by, test.tenant, options, () => undefined, test.request);
    const behind = async () =>
      (await verify(0)).found.filter(({ kind }) => /behind$/.test(kind) && kind !== 'blob_behind');
    expect(await behind()).toEqual([]);
    put(envelopeOf(at(one)), old);
    put(tenantBlob(), oldTenant);
    expect(await behind()).toMatchObject([
      { kind: 'tenant_blob_behind', why: 'rolled_back' },
      { kind: 'envelope_behind', why: 'rolled_back', deposit: at(one).deposit },
    ]);
    await test.vault.db.note((notes) => notes.wrappedKeys.envelopeFound(test.tenant, at(one).deposit, 1), test.request);
    expect((await behind()).at(-1)).toMatchObject({ kind: 'envelope_behind', why: 'not_rewritten_yet' });
  });
});

function cut(path: string, to: number): void {
  const bytes = readFileSync(path);
  put(path, bytes);
  truncateSync(path, to < 0 ? bytes.length + to : to);
}

function longer(path: string): void {
  put(path, readFileSync(path));
  appendFileSync(path, Buffer.of(7));
}
