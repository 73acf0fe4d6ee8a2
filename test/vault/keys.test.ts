// Keys that a customer disables during listening.
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { keyWatcher } from '../../src/vault/listening/watch-keys.ts';
import { addPerson, callAudio, type TestVault, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

/** A session with the key of a recording in memory. */
async function listen(test: TestVault, callId: string) {
  const what = callAudio(callId, wavOf(200_000));
  const { recording } = await deposit(test.vault, test.uploader, what, test.request);
  const reviewer = await addPerson(test, 'reviewer');
  const wish = { recording, purpose: 'quality', reason: 'sample', objects: ['audio'], minutes: 5 };
  const { request } = await requestAccess(test.vault, reviewer, wish, test.request);
  const { grant } = await approve(test.vault, await addPerson(test, 'supervisor'), request.id, {}, test.request);
  const { session } = await openSession(test.vault, reviewer, grant?.id ?? '', test.request);
  const read = async (vault: Vault) => {
    const media = await openAudio(vault, reviewer, session.id, test.request);
    let size = 0;
    for await (const piece of media.read(0, media.size)) size += piece.length;
    return size;
  };
  expect(await read(test.vault)).toBe(200_044);
  return { session: session.id, read };
}

describe('the watch of keys', () => {
  const test = sharedVault();

  const failing = (vault: Vault, code: 'key_refused' | 'key_service_unavailable', now = vault.clock.now): Vault => ({
    ...vault,
    clock: { ...vault.clock, now },
    keys: { ...vault.keys, unwrap: () => Promise.reject(new VaultError(code, 'planted')) },
  });

  it('keeps sessions while the key service answers', async () => {
    const { read } = await listen(test, 'fine');
    expect(await keyWatcher(test.vault)(test.request)).toBe(0);
    expect(await read(test.vault)).toBe(200_044);
  });

  it('ends sessions when the key is denied', async () => {
    const { session, read } = await listen(test, 'refused');
    expect(await keyWatcher(failing(test.vault, 'key_refused'))(test.request)).toBeGreaterThan(0);
    expect(test.vault.sessionKeys.sessions().map(({ id }) => id)).not.toContain(session);
    await expect(read(test.vault)).rejects.toMatchObject({ code: 'session_ended' });
  });

  it('waits two minutes for a key service that does not answer', async () => {
    const { read } = await listen(test, 'silent');
    let now = test.vault.clock.now();
    const round = keyWatcher(failing(test.vault, 'key_service_unavailable', () => now));
    expect(await round(test.request)).toBe(0);
    now += 119_000;
    expect(await round(test.request)).toBe(0);
    now += 2_000;
    expect(await round(test.request)).toBeGreaterThan(0);
    await expect(read(test.vault)).rejects.toMatchObject({ code: 'session_ended' });
  });
});
