// Bodies that fit one part: before their row is COMMITTING nothing is stored, and from then on recovery decides.
import { describe, expect, it } from 'vitest';
import { hasCode, VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { recoverDeposit } from '../../src/vault/deposit/recover-stale.ts';
import type { UploadBody } from '../../src/vault/deposit/upload-bytes.ts';
import { rotateKeyMaterial } from '../../src/vault/keys/rotation.ts';
import { ENGINES } from '../support/engines.ts';
import { bodyOf, callAudio, openDeposits, storedFiles, wavOf } from '../support/vault.ts';
import { freshVault } from '../support/vaults.ts';

const CALL = wavOf(200_000);

describe.each(ENGINES)('a body of one part, on $engine $reason', ({ engine, present }) => {
  const test = freshVault(engine);

  const files = () => storedFiles(test);
  const events = async (): Promise<string[]> => {
    const all = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 1000), test.request);
    return all.map(({ leaf }) => Buffer.from(leaf).toString()).filter((leaf) => /"(deposit|recording)\./.test(leaf));
  };
  const open = () => openDeposits(test);
  const put = (vault: Vault, callId: string, body: UploadBody = bodyOf(CALL)) =>
    deposit(vault, test.uploader, callAudio(callId, body), test.request);

  /** A vault whose process dies as it begins to store a path that ends so: nothing that follows has an effect. */
  function dyingAt(end: string): Vault {
    let dead = false;
    const die = (): never => {
      dead = true;
      throw new VaultError('store_unavailable', 'killed');
    };
    const { store, db } = test.vault;
    return {
      ...test.vault,
      store: { ...store, put: (...of) => (dead || of[1].endsWith(end) ? die() : store.put(...of)) },
      db: { ...db, change: (...of) => (dead ? die() : db.change(...of)) },
    };
  }

  /** Recovery by a process that comes after the lease. */
  async function recover(vault = test.vault): Promise<void> {
    const later = { ...vault, clock: { ...vault.clock, now: () => Date.now() + 3_600_000 } };
    for (const one of await open()) await recoverDeposit(later, one, test.request);
  }

  it.skipIf(!present).each([
    ['cut', 'body_cut', { whole: () => false }],
    ['longer than it declared', 'body_cut', { length: 100_000 }],
    ['not what its digest says', 'digest_mismatch', { sha256: new Uint8Array(32) }],
  ] as const)('leaves nothing at all where it is %s', async (_what, code, wrong) => {
    const before = await events();
    await expect(put(test.vault, 'wrong', { ...bodyOf(CALL), ...wrong })).rejects.toMatchObject({ code });
    expect(files()).toEqual([]);
    expect(await open()).toEqual([]);
    expect(await events()).toEqual(before);
    expect(await put(test.vault, 'wrong')).toMatchObject({ created: true });
  });

  it.skipIf(!present).each(['/audio', '/peaks'])(
    'is aborted where a crash came before %s was stored, also while the key service is down',
    async (end) => {
      await expect(put(dyingAt(end), 'early')).rejects.toMatchObject({ code: 'store_unavailable' });
      expect((await open()).map(({ state }) => state)).toEqual(['COMMITTING']);
      const down = () => Promise.reject(new VaultError('key_service_unavailable', 'planted'));
      await recover({ ...test.vault, keys: { ...test.vault.keys, unwrap: down } });
      expect(await open()).toEqual([]);
      expect(files()).toEqual([]);
      expect(await put(test.vault, 'early')).toMatchObject({ created: true });
    },
  );

  it.skipIf(!present)('is finished where a crash came after its blobs were stored', async () => {
    await expect(put(dyingAt('.json'), 'late')).rejects.toMatchObject({ code: 'store_unavailable' });
    await recover();
    expect(await open()).toEqual([]);
    // The same bytes again are the same deposit.
    expect(await put(test.vault, 'late')).toMatchObject({ created: false });
  });

  it.skipIf(!present)('is one recording where the same call arrives twice at once', async () => {
    const both = await Promise.allSettled([put(test.vault, 'twice'), put(test.vault, 'twice')]);
    const failed = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(failed.filter((error) => !hasCode(error, 'upload_in_progress'))).toEqual([]);
    const created = both.filter((one) => one.status === 'fulfilled' && one.value.created);
    expect(created).toHaveLength(1);
    expect(await put(test.vault, 'twice')).toMatchObject({ created: false });
  });

  it.skipIf(!present)('is asked for again where the key is rotated while it arrives', async () => {
    const body = bodyOf(CALL);
    const bytes = async function* () {
      yield* body.bytes;
      await rotateKeyMaterial(test.vault, operatorActor('op-1'), test.tenant, test.request);
    };
    await expect(put(test.vault, 'rotated', { ...body, bytes: bytes() })).rejects.toMatchObject({
      code: 'upload_in_progress',
      retryAfter: 1,
    });
    expect(await open()).toEqual([]);
    expect(await put(test.vault, 'rotated')).toMatchObject({ created: true });
  });
});
