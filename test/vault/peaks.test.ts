// The peaks of an audio in its deposit: sealed, re-encrypted, verified and erased with it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { parseEnvelope } from '../../src/envelope/envelope.ts';
import { objectKey } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { VaultError } from '../../src/errors.ts';
import { locationOf } from '../../src/model/tenant.ts';
import type { MediaProbes } from '../../src/ports/media-probe.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { unwrapDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { recoverDeposit } from '../../src/vault/deposit/recover-stale.ts';
import { sweepUploads } from '../../src/vault/deposit/sweep-uploads.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { guardedVault } from '../support/guarded.ts';
import { operator, putAudio, reencryptAndCollect, rowsOf } from '../support/reencrypt.ts';
import { until } from '../support/until.ts';
import { bodyOf, wavOf } from '../support/vault.ts';
import { freshVault } from '../support/vaults.ts';

const CALL = wavOf(40_000);
const test = freshVault();

const fileOf = ({ recording, deposit: id }: Pick<DepositResult, 'recording' | 'deposit'>, name = 'peaks'): string =>
  join(test.store, 't', test.tenant, 'r', recording, id, name);
const envelopeOf = ({ recording, deposit: id }: DepositResult): string =>
  join(test.store, 't', test.tenant, 'e', recording, `${id}.json`);
const objects = (id: string) => test.vault.db.read((rows) => rows.deposits.objects(test.tenant, id), test.request);
const stored = () => readdirSync(test.store, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());

/** The peaks, opened with the deposit's data key. */
async function opened(recording: string, id: string): Promise<Buffer> {
  const [, row] = await objects(id);
  const { tenant, key } = await rowsOf(test, recording);
  if (row === undefined || key === null) throw new Error('no peaks');
  const dataKey = await unwrapDataKey(test.vault, tenant, { id, recording }, key, test.request);
  const identity = { tenant: test.tenant, recording, deposit: id, name: 'peaks' };
  const pieces: Buffer[] = [];
  const sealed = test.vault.store.read(
    locationOf(tenant),
    `t/${test.tenant}/r/${recording}/${id}/peaks`,
    0,
    row.sealed,
    test.request,
  );
  const object = { ...identity, size: row.size, heads: row.heads, headers: null };
  for await (const run of openObject(sealed, objectKey(dataKey, 'peaks'), object)) pieces.push(...run);
  return Buffer.concat(pieces);
}

async function verified(quarantine = false): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const tell = { total: () => undefined, step: () => undefined, found: (one: Finding) => void found.push(one) };
  const { tenant } = await rowsOf(test, 'rec_none');
  const options = { sample: Number.POSITIVE_INFINITY, quarantine };
  await verifyTenantData(test.vault, operator, tenant, options, tell, test.request);
  return found;
}

/** The vault, except that names with this ending are stored by `put`. */
function storeWhere(ending: string, put: (go: () => Promise<void>) => Promise<void>): Vault {
  const { store } = test.vault;
  const instead: typeof store.put = (place, path, ...rest) => {
    const go = () => store.put(place, path, ...rest);
    return path.endsWith(ending) ? put(go) : go();
  };
  return guardedVault({ ...test.vault, store: { ...store, put: instead } });
}

describe('a deposit of audio', () => {
  it('has peaks next to it: in rows, envelope, facts and store, under a second object key', async () => {
    const done = await putAudio(test, 'one', CALL);
    const rows = await objects(done.deposit);
    expect(rows.map(({ name, type }) => [name, type])).toEqual([
      ['audio', 'audio/wav'],
      ['peaks', 'application/vnd.callvault.peaks'],
    ]);
    const peaks = await opened(done.recording, done.deposit);
    // 20,000 frames of two channels, 400 in a peak.
    expect([peaks.toString('latin1', 0, 4), peaks.readUInt8(5), peaks.readUInt32LE(8)]).toEqual(['CVPK', 2, 50]);
    expect(peaks).toHaveLength(12 + 50 * 4);
    const { facts } = await rowsOf(test, done.recording);
    expect(facts?.sha256).toEqual({ audio: done.sha256, peaks: sha256(peaks).toString('hex') });
    const envelope = parseEnvelope(readFileSync(envelopeOf(done)));
    expect(envelope.objects.map(({ name }) => name)).toEqual(['audio', 'peaks']);
    expect(await verified()).toEqual([]);
  });

  it.each([
    ['of an unsupported codec', 'audio/mpeg', Buffer.concat([Buffer.from('ID3'), Buffer.alloc(9_000)])],
    ['of an unknown codec', 'audio/wav', Buffer.from(CALL).fill(2, 20, 21)],
  ])('%s has no peaks', async (_, type, bytes) => {
    const what = {
      target: { metadata: { source: 'pbx', callId: 'x', leg: '0' } },
      name: 'audio',
      type,
      body: bodyOf(bytes),
    };
    const done = await deposit(test.vault, test.uploader, what, test.request);
    expect((await objects(done.deposit)).map(({ name }) => name)).toEqual(['audio']);
    expect(existsSync(fileOf(done))).toBe(false);
    expect(await verified()).toEqual([]);
  });

  it.each([
    ['during the put', (): Promise<void> => Promise.reject(new VaultError('store_unavailable', 'planted'))],
    ['after the put', (go: () => Promise<void>) => go().then(() => Promise.reject(new Error('planted')))],
  ])('leaves nothing where storing its peaks fails %s, and succeeds the next time', async (_, put) => {
    await expect(putAudio({ ...test, vault: storeWhere('/peaks', put) }, 'one', CALL)).rejects.toThrow('planted');
    expect(stored().map(({ name }) => name)).toEqual(['tenant.json']);
    expect((await putAudio(test, 'one', CALL)).created).toBe(true);
  });

  it('that was left COMMITTING is finished with its peaks, and aborted where they are lost', async () => {
    const cut = storeWhere('.json', () => Promise.reject(new VaultError('store_unavailable', 'planted')));
    const clock = { ...test.vault.clock, now: () => Date.now() + 3_600_000 };
    const left = async () => {
      const [row] = await test.vault.db.read((rows) => rows.deposits.stale('9999', 9), test.request);
      if (row === undefined) throw new Error('nothing is left');
      return row;
    };
    const later = async () => recoverDeposit({ ...test.vault, clock }, await left(), test.request);
    await expect(putAudio({ ...test, vault: cut }, 'kept', CALL)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await later()).toBe(true);
    const kept = await putAudio(test, 'kept', CALL);
    expect(kept.created).toBe(false);
    expect((await objects(kept.deposit)).map(({ name }) => name)).toEqual(['audio', 'peaks']);

    await expect(putAudio({ ...test, vault: cut }, 'lost', CALL)).rejects.toMatchObject({ code: 'store_unavailable' });
    const { recording, id } = await left();
    rmSync(fileOf({ recording, deposit: id }));
    expect(await later()).toBe(true);
    expect(existsSync(fileOf({ recording, deposit: id }, 'audio'))).toBe(false);
    expect(await objects(id)).toEqual([]);
  });

  it("keeps a folder's staged peaks for an hour while it is in progress", async () => {
    let swept: number[] = [];
    const put = async (go: () => Promise<void>): Promise<void> => {
      const [row] = await test.vault.db.read((rows) => rows.deposits.stale('9999', 9), test.request);
      const path = `t/${test.tenant}/r/${row?.recording}/${row?.id}/peaks`;
      // Its staging file would be an hour old for the second sweep.
      const audio = join(test.store, `t/${test.tenant}/r/${row?.recording}/${row?.id}/audio`);
      await until('the audio is stored', () => existsSync(audio));
      mkdirSync(join(test.store, '.staging'), { recursive: true });
      writeFileSync(
        join(test.store, '.staging', `${row?.op}-peaks~${Buffer.from(path).toString('base64url')}`),
        'half',
      );
      const later = { ...test.vault, clock: { ...test.vault.clock, now: () => Date.now() + 3_700_000 } };
      swept = [await sweepUploads(test.vault, test.request), await sweepUploads(later, test.request)];
      await go();
    };
    expect((await putAudio({ ...test, vault: storeWhere('/peaks', put) }, 'one', CALL)).created).toBe(true);
    expect(swept).toEqual([0, 1]);
  });
});

describe('verification', () => {
  const damages: [string, string, (file: string, other: string) => void][] = [
    ['deleted', 'blob_missing', (file) => rmSync(file)],
    ['cut', 'blob_size', (file) => writeFileSync(file, readFileSync(file).subarray(1))],
    ['those of another call', 'blob_swapped', (file, other) => writeFileSync(file, readFileSync(other))],
    ['flipped', 'blob_damaged', (file) => writeFileSync(file, readFileSync(file).fill(1, 100, 110))],
    ['flipped at their head', 'blob_damaged', (file) => writeFileSync(file, readFileSync(file).fill(1, 30, 40))],
  ];

  it.each(damages)(
    'names peaks that are %s: %s; the call still plays, and re-encryption repairs them',
    async (_, kind, spoil) => {
      const [one, two] = [await putAudio(test, 'one', CALL), await putAudio(test, 'two', CALL)];
      spoil(fileOf(one), fileOf(two));
      const { recording, deposit: id } = one;
      expect(await verified(true)).toEqual([{ kind, tenant: test.tenant, recording, deposit: id, object: 'peaks' }]);
      expect((await rowsOf(test, recording)).row?.quarantine).toEqual([]);
      const [again] = await reencryptAndCollect(test, recording);
      expect(await verified()).toEqual([]);
      expect(await opened(recording, again?.to ?? '')).toEqual(await opened(two.recording, two.deposit));
    },
  );

  it('names both missing objects of a deposit, each once, and rows that the envelope does not have', async () => {
    const one = await putAudio(test, 'one', CALL);
    for (const name of ['audio', 'peaks']) rmSync(fileOf(one, name));
    expect((await verified()).map(({ kind, object }) => [kind, object])).toEqual([
      ['blob_missing', 'audio'],
      ['blob_missing', 'peaks'],
    ]);
    const { default: SqliteFile } = await import('better-sqlite3');
    const file = new SqliteFile(join(test.folder, 'vault.db'));
    file.prepare("delete from object where name = 'peaks'").run();
    file.close();
    expect((await verified()).map(({ kind, why }) => [kind, why])).toContainEqual(['envelope_differs', 'object']);
  });
});

it('adds peaks to a recording from before peaks when it is re-encrypted, and keeps the rest', async () => {
  const none: MediaProbes = {
    ...test.vault.probes,
    begin: (...given) => {
      const probe = test.vault.probes.begin(...given);
      return { ...probe, finish: async () => ({ ...(await probe.finish()), peaks: null }) };
    },
  };
  const old = await putAudio({ ...test, vault: guardedVault({ ...test.vault, probes: none }) }, 'old', CALL);
  expect((await objects(old.deposit)).map(({ name }) => name)).toEqual(['audio']);
  expect(Object.keys((await rowsOf(test, old.recording)).facts?.sha256 ?? {})).toEqual(['audio']);
  expect(await verified()).toEqual([]);
  const before = await rowsOf(test, old.recording);
  const [done] = await reencryptAndCollect(test, old.recording);
  const after = await rowsOf(test, old.recording);
  const digest = sha256(await opened(old.recording, done?.to ?? '')).toString('hex');
  expect(after.facts).toEqual({ ...before.facts, sha256: { audio: old.sha256, peaks: digest } });
  // And removes them where they cannot be made: no digest of a missing object remains.
  await reencryptAndCollect(test, old.recording, guardedVault({ ...test.vault, probes: none }));
  expect((await rowsOf(test, old.recording)).facts).toEqual(before.facts);
  expect(await verified()).toEqual([]);
});
