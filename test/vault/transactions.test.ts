// No key-service or store call while a change is open: the wrapped ports of a deposit and an erasing abort would throw.
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/ports/database.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { bodyOf, openTestVault, type TestVault, wavOf } from '../support/vault.ts';

const open = new AsyncLocalStorage<boolean>();

/** The vault with ports that throw when they are called inside an open change. */
function guarded(vault: Vault, calls: string[]): Vault {
  const watch = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          calls.push(`${name}.${String(method)}`);
          if (open.getStore() === true) throw new Error(`${name}.${String(method)} inside an open change`);
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  const db: Database = {
    ...vault.db,
    change: (work, wait) => vault.db.change((tx) => open.run(true, () => work(tx)), wait),
    note: (work, wait) => vault.db.note((notes) => open.run(true, () => work(notes)), wait),
  };
  return { ...vault, db, store: watch(vault.store, 'store'), keys: watch(vault.keys, 'keys') };
}

describe('a deposit', () => {
  let test: TestVault;
  beforeAll(async () => {
    test = await openTestVault();
  });
  afterAll(() => test.close());

  it('calls neither the store nor the key service inside an open change', async () => {
    const calls: string[] = [];
    const vault = guarded(test.vault, calls);
    const aim = { metadata: { source: 'pbx', callId: 'one', leg: '0' } };
    const wav = wavOf(9_000_000);
    const done = await deposit(
      vault,
      test.uploader,
      { aim, name: 'audio', type: 'audio/wav', body: bodyOf(wav) },
      test.request,
    );
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

  it('is caught by the guard when it would', async () => {
    const vault = guarded(test.vault, []);
    const planted = vault.db.change(async () => {
      await vault.keys.createKey(test.tenant, test.request);
      return { result: undefined, events: [] };
    }, test.request);
    await expect(planted).rejects.toThrow('inside an open change');
  });
});
