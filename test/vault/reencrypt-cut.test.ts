// Re-encryption that crashes anywhere, or races with other changes of the recording: always exactly one intact deposit.
import { beforeAll, describe, expect, it } from 'vitest';
import { hasCode, VaultError } from '../../src/errors.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { recoverDeposit } from '../../src/vault/deposit/recover-stale.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { ENGINES } from '../support/engines.ts';
import { guardedVault } from '../support/guarded.ts';
import { filesWith, openListener, operator, putAudio, reencryptAndCollect, rowsOf } from '../support/reencrypt.ts';
import { callAudio, type TestVault, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const AUDIO = wavOf(200_000);

/**
 * A vault whose process crashes at call `at` of its ports: the call is not made, or made without an answer; none
 * follows.
 */
function dying(vault: Vault, at: number, made: boolean): { readonly vault: Vault; readonly calls: () => number } {
  let calls = 0;
  const dead = new VaultError('internal', 'killed');
  const mortal = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const call = calls++;
          if (call > at || (call === at && !made)) return fails(dead);
          const result: unknown = Reflect.apply(value, target, args);
          return call === at && result instanceof Promise ? result.then(() => fails(dead)) : result;
        };
      },
    });
  const ports = { db: mortal(vault.db), store: mortal(vault.store), keys: mortal(vault.keys) };
  return { vault: guardedVault({ ...vault, ...ports }), calls: () => calls };
}

/** Rejects where it is awaited, and throws where it is read as a stream. */
function fails(error: Error): unknown {
  const rejected = Promise.reject(error);
  rejected.catch(() => undefined);
  return Object.assign(rejected, { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) });
}

/** Another process, after the crashed one's leases expired: recovers everything that it left. */
async function settleAll(test: TestVault, vault: Vault): Promise<void> {
  const later = { ...vault, clock: { ...vault.clock, now: () => vault.clock.now() + 3_600_000 } };
  const due = () => vault.db.read((rows) => rows.deposits.stale('9999', 100), test.request);
  // A superseded deposit is recovered in the next round.
  for (let left = await due(); left.length > 0; left = await due()) {
    for (const one of left) expect(await recoverDeposit(later, one, test.request)).toBe(true);
  }
}

describe.each(ENGINES)('a re-encryption, on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let other: Vault;
  beforeAll(async () => {
    other = await test.another();
  });

  /** Checks that exactly one deposit exists and is intact. */
  async function isWhole(recording: string): Promise<string> {
    const { available, underway, key, row } = await rowsOf(test, recording);
    expect(underway).toBe(null);
    expect(row?.state).toBe('AVAILABLE');
    expect(key?.deposit).toBe(available?.id);
    expect(filesWith(test, recording)).toEqual(filesWith(test, available?.id ?? 'none'));
    expect(filesWith(test, recording)).toHaveLength(3);
    expect((await (await openListener(test, recording)).audio(other)).bytes.equals(AUDIO)).toBe(true);
    return available?.id ?? '';
  }

  it.skipIf(!present).each([false, true])(
    'that crashes at any call leaves the old or the new deposit (made: %s)',
    async (made) => {
      const { recording } = await putAudio(test, `killed-${made}`, AUDIO);
      const came = new Set<boolean>();
      for (let at = 0; ; at++) {
        const { available: before } = await rowsOf(test, recording);
        const mortal = dying(test.vault, at, made);
        const killed = await reencryptAndCollect(test, recording, mortal.vault).then(
          () => false,
          () => true,
        );
        mortal.vault.metadataKeys.close();
        const { available } = await rowsOf(test, recording);
        expect(available).not.toBe(null);
        await settleAll(test, other);
        came.add((await isWhole(recording)) !== before?.id);
        // A run that did not crash made all its calls.
        if (mortal.calls() <= at) {
          expect(killed).toBe(false);
          expect(at).toBeGreaterThan(15);
          break;
        }
      }
      expect(came).toEqual(new Set([false, true]));
    },
  );

  /** A vault in which `work` runs just before the sealed object is stored. */
  const storing = (work: () => Promise<unknown>): Vault => {
    let first = true;
    const put: Vault['store']['put'] = async (...args) => {
      if (first) {
        first = false;
        await work();
      }
      return test.vault.store.put(...args);
    };
    return { ...test.vault, store: { ...test.vault.store, put } };
  };

  it.skipIf(!present)('fails where the tenant was suspended meanwhile, and nothing is lost', async () => {
    const { recording, deposit: first } = await putAudio(test, 'suspended', AUDIO);
    const suspending = storing(() => suspendTenant(other, operator, test.tenant, test.request));
    await expect(reencryptAndCollect(test, recording, suspending)).rejects.toMatchObject({ code: 'not_available' });
    await resumeTenant(other, operator, test.tenant, test.request);
    expect(await isWhole(recording)).toBe(first);
  });

  it.skipIf(!present)('restores nothing of a recording erased meanwhile', async () => {
    const { recording } = await putAudio(test, 'erased', AUDIO);
    const erasing = storing(() =>
      eraseRecording(other, operator, { tenant: test.tenant, recording, reason: 'request' }, test.request),
    );
    await expect(reencryptAndCollect(test, recording, erasing)).rejects.toMatchObject({ code: 'conflict' });
    await settleAll(test, other);
    expect(filesWith(test, recording)).toEqual([]);
    expect(await rowsOf(test, recording)).toMatchObject({ available: null, underway: null, row: { state: 'ERASING' } });
    await expect(reencryptAndCollect(test, recording)).rejects.toMatchObject({ code: 'erased' });
  });

  it.skipIf(!present)('makes an uploader and a second re-encryption wait', async () => {
    const { recording, deposit: first } = await putAudio(test, 'raced', AUDIO);
    const seen: unknown[] = [];
    const what = callAudio('raced', AUDIO);
    const racing = storing(async () => {
      seen.push(await deposit(other, test.uploader, what, test.request).catch((error: unknown) => error));
      seen.push(await reencryptAndCollect(test, recording, other).catch((error: unknown) => error));
    });
    const [done] = await reencryptAndCollect(test, recording, racing);
    expect(seen.map((error) => hasCode(error, 'upload_in_progress'))).toEqual([true, true]);
    expect(done?.from).toBe(first);
    expect(await isWhole(recording)).toBe(done?.to);
  });

  it.skipIf(!present)('fails where another re-encryption completed since it began', async () => {
    const { recording } = await putAudio(test, 'late', AUDIO);
    let faster: string | undefined;
    const keys: Vault['keys'] = {
      ...test.vault.keys,
      generateDataKey: async (...args) => {
        faster ??= (await reencryptAndCollect(test, recording, other))[0]?.to;
        return test.vault.keys.generateDataKey(...args);
      },
    };
    await expect(reencryptAndCollect(test, recording, { ...test.vault, keys })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await isWhole(recording)).toBe(faster);
  });

  it.skipIf(!present)('that is requested twice concurrently completes at least once, and nothing is lost', async () => {
    const { recording } = await putAudio(test, 'twice', AUDIO);
    for (let round = 0; round < 5; round++) {
      const both = await Promise.allSettled(
        [test.vault, other].map((vault) => reencryptAndCollect(test, recording, vault)),
      );
      const done = both.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
      const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(done.length).toBeGreaterThan(0);
      for (const error of refused) expect(error).toBeInstanceOf(VaultError);
      await settleAll(test, other);
      expect(done.map(({ to }) => to)).toContain(await isWhole(recording));
    }
  });
});
