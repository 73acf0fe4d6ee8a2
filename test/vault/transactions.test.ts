// The guard of all suites: no port call while a transaction is open, only calls of `tx`.
import { describe, expect, it } from 'vitest';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { ENGINES } from '../support/engines.ts';
import { guardedVault } from '../support/guarded.ts';
import { callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

describe.each(ENGINES)('a deposit on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);

  it.skipIf(!present)('calls neither the store nor the key service inside an open change', async () => {
    const calls: string[] = [];
    const vault = guardedVault(test.vault, (call) => calls.push(call));
    const wav = wavOf(9_000_000);
    const done = await deposit(vault, test.uploader, callAudio('one', wav), test.request);
    expect(done.size).toBe(wav.length);
    expect(calls).toEqual(
      expect.arrayContaining([
        'keys.generateDataKey',
        'store.putPart',
        'store.completeUpload',
        'store.put',
        'store.read',
      ]),
    );
  });
});

describe('the guard', () => {
  const test = sharedVault();

  it('rejects calls of ports, and other transactions, in an open change, read or note', async () => {
    const { vault, request, tenant } = test;
    const inside: Record<string, () => Promise<unknown>> = {
      'keys.createKey': () => vault.keys.createKey(tenant, 1, request),
      'store.listUploads': async () => vault.store.listUploads({ region: '', bucket: '', prefix: '' }, request),
      'db.read': () => vault.db.read((rows) => rows.now(), request),
      'db.change': () => vault.db.change(async () => ({ result: 0, events: [] }), request),
      'db.note': () => vault.db.note(async () => 0, request),
    };
    for (const [call, planted] of Object.entries(inside)) {
      const change = vault.db.change(async () => ({ result: await planted(), events: [] }), request);
      await expect(change).rejects.toThrow(`${call} inside an open change`);
      await expect(vault.db.read(planted, request)).rejects.toThrow(`${call} inside an open read`);
      await expect(vault.db.note(planted, request)).rejects.toThrow(`${call} inside an open note`);
    }
  });

  it('permits them before and after', async () => {
    const { vault, request, tenant } = test;
    await vault.db.read((rows) => rows.now(), request);
    await vault.keys.createKey(tenant, 1, request);
    expect(await vault.db.read((rows) => rows.tenants.find(tenant), request)).toMatchObject({ state: 'ACTIVE' });
  });
});
