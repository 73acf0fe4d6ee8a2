// The guard of all suites: no port call while a transaction is open, only calls of `tx`.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { guardedVault } from '../support/guarded.ts';
import { needs } from '../support/needs.ts';
import { bodyOf, openTestVault, type TestVault, wavOf } from '../support/vault.ts';

const postgres = needs('postgresql');

describe.each([
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...postgres },
] as const)('a deposit on $engine $reason', ({ engine, present }) => {
  let test: TestVault;
  beforeAll(async () => {
    if (present) test = await openTestVault(engine);
  });
  afterAll(() => test?.close());

  it.skipIf(!present)('calls neither the store nor the key service inside an open change', async () => {
    const calls: string[] = [];
    const vault = guardedVault(test.vault, (call) => calls.push(call));
    const aim = { metadata: { source: 'pbx', callId: 'one', leg: '0' } };
    const wav = wavOf(9_000_000);
    const done = await deposit(
      vault,
      test.uploader,
      { target: aim, name: 'audio', type: 'audio/wav', body: bodyOf(wav) },
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
});

describe('the guard', () => {
  let test: TestVault;
  beforeAll(async () => {
    test = await openTestVault();
  });
  afterAll(() => test.close());

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
