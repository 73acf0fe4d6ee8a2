// The hidden recording of a failed upload: another uploader of the tenant may deposit the call.
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/model/principal.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { ENGINES } from '../support/engines.ts';
import { bodyOf, callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

describe.each(ENGINES)('a call whose first upload failed, on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);

  const other = (): Caller => ({ ...test.uploader, principal: 'svc_00000000000000000000000001' });
  const what = (callId: string, body = bodyOf(wavOf(1000))) => {
    return callAudio(callId, body);
  };

  it.skipIf(!present)('is taken over by another uploader, who is its depositor from then on', async () => {
    // Of unknown length: claimed before it arrives.
    const cut = { ...bodyOf(wavOf(1000)), length: null, whole: () => false };
    await expect(deposit(test.vault, test.uploader, what('one', cut), test.request)).rejects.toMatchObject({
      code: 'body_cut',
    });
    const done = await deposit(test.vault, other(), what('one'), test.request);
    expect(done.created).toBe(true);
    await expect(deposit(test.vault, test.uploader, what('one'), test.request)).rejects.toMatchObject({
      code: 'source_taken',
    });
  });

  it.skipIf(!present)('stays with its depositor once it is deposited', async () => {
    // The source belongs to the service of its first deposit.
    await deposit(test.vault, other(), what('two'), test.request);
    await expect(deposit(test.vault, test.uploader, what('two'), test.request)).rejects.toMatchObject({
      code: 'source_taken',
    });
  });
});
