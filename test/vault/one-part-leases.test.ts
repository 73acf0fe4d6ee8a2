// The lease on a body of one part while it is stored: kept without its sender, and lost with its recording.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { recoverDeposit } from '../../src/vault/deposit/recover-stale.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { ENGINES } from '../support/engines.ts';
import { until } from '../support/until.ts';
import { callAudio, openDeposits, storedFiles, wavOf } from '../support/vault.ts';
import { freshVault } from '../support/vaults.ts';

const CALL = wavOf(20_000);

describe.each(ENGINES)('a body of one part that is being stored, on $engine $reason', ({ engine, present }) => {
  const test = freshVault(engine);

  const files = () => storedFiles(test);
  const open = () => openDeposits(test);
  const erase = async (): Promise<void> => {
    const [{ recording } = { recording: '' }] = await open();
    const what = { tenant: test.tenant, recording, reason: 'request' } as const;
    await eraseRecording(test.vault, operatorActor('op-1'), what, test.request);
  };

  /** A vault with short leases, that does this before or after it stores a path that ends so. */
  function storing(end: string, now: { before?: (signal: AbortSignal) => Promise<void>; after?: () => Promise<void> }) {
    const { store, settings } = test.vault;
    const put: Vault['store']['put'] = async (...of) => {
      if (of[1].endsWith(end)) await now.before?.(of[4].signal);
      await store.put(...of);
      if (of[1].endsWith(end)) await now.after?.();
    };
    return { ...test.vault, store: { ...store, put }, settings: { ...settings, leaseSeconds: 0.6 } };
  }

  it.skipIf(!present)('keeps its lease after its sender disconnected', async () => {
    const sender = new AbortController();
    let left: number | null = null;
    const vault = storing('/audio', {
      before: async () => {
        sender.abort();
        await sleep(1200);
        const [row] = await open();
        left = Date.parse(row?.lease?.until ?? '') - Date.now();
      },
    });
    await deposit(vault, test.uploader, callAudio('gone', CALL), { signal: sender.signal }).catch(() => undefined);
    expect(left).toBeGreaterThan(0);
    expect(await open()).toEqual([]);
    expect(await deposit(test.vault, test.uploader, callAudio('gone', CALL), test.request)).toMatchObject({
      created: false,
    });
  });

  it.skipIf(!present)('is called off, without an envelope, once its recording was erased', async () => {
    const paths: string[] = [];
    const vault = storing('/audio', {
      before: async (signal) => {
        await erase();
        await until('the write is called off', () => signal.aborted);
      },
    });
    const put: Vault['store']['put'] = (...of) => {
      paths.push(of[1]);
      return vault.store.put(...of);
    };
    const watched = { ...vault, store: { ...vault.store, put } };
    const failed = deposit(watched, test.uploader, callAudio('erased', CALL), test.request);
    await expect(failed).rejects.toMatchObject({ code: 'upload_in_progress' });
    expect(paths.filter((path) => path.endsWith('.json'))).toEqual([]);
    expect(files()).toEqual([]);
  });

  it.skipIf(!present)('leaves nothing where recovery aborted it first, and its envelope cannot be stored', async () => {
    const vault = storing('/audio', {
      before: async () => {
        const later = { ...test.vault, clock: { ...test.vault.clock, now: () => Date.now() + 3_600_000 } };
        for (const one of await open()) await recoverDeposit(later, one, test.request);
      },
    });
    const put: Vault['store']['put'] = (...of) =>
      of[1].endsWith('.json')
        ? Promise.reject(new VaultError('store_unavailable', 'planted', { retryAfter: 5 }))
        : vault.store.put(...of);
    // It does not notice that before the envelope.
    const { settings } = test.vault;
    const failing = { ...vault, settings, store: { ...vault.store, put } };
    const failed = deposit(failing, test.uploader, callAudio('late', CALL), test.request);
    await expect(failed).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await open()).toEqual([]);
    expect(files()).toEqual([]);
  });

  it.skipIf(!present)('is asked for again where the store takes too long', async () => {
    const vault = storing('/audio', {
      before: async (signal) => {
        await until('the deadline', () => signal.aborted);
        signal.throwIfAborted();
      },
    });
    const deadline = (milliseconds: number) => AbortSignal.timeout(milliseconds > 60_000 ? 500 : milliseconds);
    const hasty = { ...vault, clock: { ...vault.clock, deadline } };
    const failed = deposit(hasty, test.uploader, callAudio('slow', CALL), test.request);
    await expect(failed).rejects.toMatchObject({ code: 'store_unavailable', retryAfter: 5 });
    expect(files()).toEqual([]);
    expect(await deposit(test.vault, test.uploader, callAudio('slow', CALL), test.request)).toMatchObject({
      created: true,
    });
  });

  it.skipIf(!present).each([
    ['/audio', 'before'],
    ['/audio', 'after'],
    ['.json', 'before'],
    ['.json', 'after'],
  ] as const)('leaves nothing where the recording is erased as %s is stored (%s)', async (end, when) => {
    const vault = storing(end, { [when]: erase });
    const failed = deposit(vault, test.uploader, callAudio('erased', CALL), test.request);
    await expect(failed).rejects.toMatchObject({ code: 'upload_in_progress' });
    expect(files()).toEqual([]);
    const again = deposit(test.vault, test.uploader, callAudio('erased', CALL), test.request);
    await expect(again).rejects.toMatchObject({ code: 'erased' });
  });
});
