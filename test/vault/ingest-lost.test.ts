// The database is lost or older: ingest keys come back only as their tenant made them, and open.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newOperationNonce } from '../../src/bytes/ids.ts';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { byteCursor } from '../../src/envelope/byte-cursor.ts';
import { MAX_ENVELOPE } from '../../src/envelope/envelope.ts';
import { ingestKeyPath } from '../../src/envelope/ingest-key-blob.ts';
import { openSealedHeader, readSealedHeader, sealFile } from '../../src/envelope/sealed-file.ts';
import type { IngestKeyRow } from '../../src/model/ingest-key.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { rebuildIndex } from '../../src/vault/rebuild/rebuild.ts';
import { rebuildTenant } from '../../src/vault/rebuild/tenant.ts';
import { restoreVault } from '../../src/vault/restored/restore-vault.ts';
import { restorable } from '../support/restorable.ts';
import { environmentOf } from '../support/vault.ts';
import { freshVault } from '../support/vaults.ts';

const by = operatorActor('op-9');
const PLACE = { region: '', bucket: '', prefix: '' };
const CONTENT = Buffer.from('a recorded call');
const described = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', approverAgeHours: 24 } as const;
const nothing = (): void => undefined;
const request = () => ({ signal: AbortSignal.timeout(60_000) });

const rowsOf = (vault: Vault, tenant: string) => vault.db.read(({ ingestKeys }) => ingestKeys.all(tenant), request());
const create = async (vault: Vault, tenant: string) =>
  createIngestKey(vault, by, await tenantWithKey(vault, tenant, request()), 'rotated', request());

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A file sealed to a key, as a relay seals it. */
async function sealedTo({ tenant, id, public: publicKey }: IngestKeyRow): Promise<Buffer> {
  const of = { tenant, key: id, id: '7f0c1f3e-2c5b-4c55-9f0d-0d6a2f1f2a11', publicKey };
  const sha256 = '0'.repeat(64);
  const meta = { object: 'audio', type: 'audio/wav', size: CONTENT.length, sha256, facts: { source: 'pbx' } };
  const pieces: Buffer[] = [];
  for await (const piece of sealFile(of, meta, inOne(CONTENT))) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** The content of a sealed file, opened with the keys of this vault. */
async function opened(vault: Vault, tenant: string, file: Buffer): Promise<string> {
  const cursor = byteCursor(inOne(file));
  const header = await readSealedHeader(cursor);
  const row = await tenantWithKey(vault, tenant, request());
  const content = await openSealedHeader(await vault.ingestKeys.get(row, header.key, request()), header);
  const pieces: Buffer[] = [];
  for await (const batch of content.parts(cursor)) for (const chunk of [batch].flat()) pieces.push(Buffer.from(chunk));
  content.end();
  return Buffer.concat(pieces).toString();
}

describe('ingest keys of a lost database', () => {
  const test = freshVault();
  let other: string;
  let empty: Composed;
  beforeEach(async () => {
    other = mkdtempSync(join(tmpdir(), 'callvault-lost-'));
    const environment = { ...environmentOf(test.folder), CALLVAULT_DATABASE: `sqlite:${join(other, 'vault.db')}` };
    empty = await compose(readConfig(environment), (error) => {
      throw error;
    });
  });
  afterEach(async () => {
    await empty.close();
    rmSync(other, { recursive: true });
  });

  async function rebuild(keys?: readonly string[]) {
    const problems: { readonly kind: string; readonly path: string }[] = [];
    const { key } = await tenantWithKey(test.vault, test.tenant, request());
    const trusted = { keys: [key?.id ?? ''], minimumWrap: 1 };
    const what = { tenant: test.tenant, place: PLACE, described };
    const { row } = await rebuildTenant(empty.vault, by, what, trusted, request());
    const listener = { total: nothing, step: nothing, problem: (one: (typeof problems)[number]) => problems.push(one) };
    const again = { keys: keys ?? trusted.keys, minimumWrap: 1 };
    const done = await rebuildIndex(empty.vault, by, row, again, listener, request());
    return { done, problems };
  }

  async function replaceBlob(id: string, bytes: Uint8Array | string): Promise<void> {
    const path = ingestKeyPath(test.tenant, id);
    await test.vault.store.delete(PLACE, path, request());
    await test.vault.store.put(PLACE, path, Buffer.from(bytes), newOperationNonce(), request());
  }

  it('come back from the store, and files that were sealed to them open', async () => {
    const [first, second] = [await create(test.vault, test.tenant), await create(test.vault, test.tenant)];
    const files = [await sealedTo(first), await sealedTo(second)];
    const { done, problems } = await rebuild();
    expect(problems).toEqual([]);
    expect(done).toMatchObject({ ingestKeys: 2, problems: 0 });
    const rows = await rowsOf(empty.vault, test.tenant);
    const before = (await rowsOf(test.vault, test.tenant)).map((row) => ({ ...row, lastFileAt: null }));
    expect(rows.map((row) => ({ ...row, lastFileAt: null }))).toEqual(before);
    // They may be needed for 90 days from now on.
    for (const { lastFileAt } of rows) expect(Date.now() - Date.parse(lastFileAt ?? '')).toBeLessThan(60_000);
    for (const file of files) expect(await opened(empty.vault, test.tenant, file)).toBe(CONTENT.toString());
    const events = await empty.vault.db.read(({ log }) => log.events(test.tenant, 0, 100), request());
    const made = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []).filter(({ action }) => /^ingest_key/.test(action));
    expect(made.map(({ object }) => [object.id, object['how'], object['replaces']])).toEqual([
      [first.id, 'restored', undefined],
      [second.id, 'restored', first.id],
    ]);
    expect((await rebuild()).done).toMatchObject({ ingestKeys: 0, problems: 0 });
    // The newest key is current: no other one is created.
    expect(await maintainIngestKeys(empty.vault, request())).toBe(0);
  });

  it('do not come back where another tenant, key or writer of the bucket made them', async () => {
    const [row, swapped] = [await create(test.vault, test.tenant), await create(test.vault, test.tenant)];
    const blobOf = async (id: string) =>
      (await test.vault.store.get(PLACE, ingestKeyPath(test.tenant, id), MAX_ENVELOPE, request()))?.bytes.toString() ??
      '';
    const [own, theirs] = [await blobOf(row.id), await blobOf(swapped.id)];
    const wrappedOf = (blob: string) => (JSON.parse(blob) as { key: { wrapped: string } }).key.wrapped;
    const forgeries = {
      'another public key': own.replace(/"public":"[^"]*"/, `"public":"${Buffer.alloc(32, 9).toString('base64')}"`),
      'another time': own.replace(row.created, '2020-01-01T00:00:00.000Z'),
      'the seed of another key': own.replace(wrappedOf(own), wrappedOf(theirs)),
      'another key’s blob': theirs,
      'no JSON': 'no JSON',
    };
    for (const [name, blob] of Object.entries(forgeries)) {
      expect(blob, name).not.toBe(own);
      await replaceBlob(row.id, blob);
      await replaceBlob(swapped.id, theirs);
      const { done, problems } = await rebuild();
      expect(problems, name).toEqual([{ kind: 'ingest_key_refused', path: ingestKeyPath(test.tenant, row.id) }]);
      expect(
        (await rowsOf(empty.vault, test.tenant)).map(({ id }) => id),
        name,
      ).toEqual([swapped.id]);
      expect(done.problems).toBe(1);
    }
    // A name that is none is passed over.
    await test.vault.store.put(
      PLACE,
      `t/${test.tenant}/i/notes.json`,
      Buffer.from('{}'),
      newOperationNonce(),
      request(),
    );
    await replaceBlob(row.id, own);
    expect(await rebuild()).toMatchObject({ done: { ingestKeys: 1 }, problems: [] });
  });

  it('do not come back under a key that the operator does not trust', async () => {
    const row = await create(test.vault, test.tenant);
    const { problems } = await rebuild(['keyring/another']);
    expect(problems).toEqual([{ kind: 'ingest_key_refused', path: ingestKeyPath(test.tenant, row.id) }]);
    expect(await rowsOf(empty.vault, test.tenant)).toEqual([]);
  });
});

it('an ingest key that was created after the backup comes back with restored, and opens', async () => {
  const of = await restorable('sqlite');
  try {
    const { tenant } = of.people;
    const before = await create((await of.start()).vault, tenant);
    await of.backUp();
    const live = (await of.start()).vault;
    const after = await create(live, tenant);
    const file = await sealedTo(after);
    await of.restore();
    const { vault } = await of.start();
    expect((await rowsOf(vault, tenant)).map(({ id }) => id)).toEqual([before.id]);
    const { key } = await tenantWithKey(vault, tenant, request());
    const options = {
      ...{ alone: true, isCopy: false, keys: [key?.id ?? ''], save: () => async () => undefined },
      ...{ confirmed: async () => false, restored: nothing, problem: nothing },
    };
    const done = await restoreVault(vault, by, options, request());
    expect(done.steps.problems).toEqual([]);
    expect(done.tenants).toMatchObject([{ tenant, ingestKeys: 1 }]);
    expect((await rowsOf(vault, tenant)).map(({ id, state }) => [id, state])).toEqual([
      [before.id, 'OLD'],
      [after.id, 'CURRENT'],
    ]);
    expect(await opened(vault, tenant, file)).toBe(CONTENT.toString());
    expect((await restoreVault(vault, by, options, request())).tenants).toMatchObject([{ ingestKeys: 0 }]);
  } finally {
    await of.remove();
  }
});
