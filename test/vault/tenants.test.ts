// Tenants that a crash left half-made.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/log/events.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { finishTenants } from '../../src/vault/tenants/finish-tenant.ts';
import { beforeReady } from '../../src/work.ts';
import { openTestVault, type TestVault } from '../support/vault.ts';

const operator = operatorActor('op-1');

describe('a tenant half-made', () => {
  let test: TestVault;
  beforeAll(async () => {
    test = await openTestVault();
  });
  afterAll(() => test.close());
  const people = { admin: 'Ada', approvers: ['Sue', 'Sam'], approverAgeHours: 0 };
  const what = { name: 'Half', country: 'GB', defaultBasis: 'consent', ...people } as const;

  it('is finished at start with its first people, and only once', async () => {
    const full = {
      ...test.vault,
      store: { ...test.vault.store, put: () => Promise.reject(new VaultError('store_unavailable', 'planted')) },
    };
    await expect(createTenant(full, operator, what, test.request)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await finishTenants(test.vault, test.request)).toBe(1);
    expect(await finishTenants(test.vault, test.request)).toBe(0);
    const tenants = await test.vault.db.read((rows) => rows.tenants.all(), test.request);
    const made = tenants.find(({ name }) => name === 'Half');
    expect(made?.state).toBe('ACTIVE');
    const first = await test.vault.db.read((rows) => rows.principals.all(made?.tenant ?? ''), test.request);
    expect(first.map(({ roles }) => roles).sort()).toEqual(['admin', 'supervisor', 'supervisor']);
  });

  it('that cannot be finished holds up no other, nor the start, and is told', async () => {
    const full = (name: string) => ({
      ...test.vault,
      store: {
        ...test.vault.store,
        put: () => Promise.reject(new VaultError('store_unavailable', `no bucket for ${name}`)),
      },
    });
    for (const name of ['Stuck', 'Waiting']) {
      const made = createTenant(full(name), operator, { ...what, name }, test.request);
      await expect(made).rejects.toMatchObject({ code: 'store_unavailable' });
    }
    const all = await test.vault.db.read((rows) => rows.tenants.all(), test.request);
    const stuck = all.find(({ name }) => name === 'Stuck')?.tenant ?? '';
    const { put } = test.vault.store;
    const store: TestVault['vault']['store'] = {
      ...test.vault.store,
      put: (place, path, ...rest) =>
        path.includes(stuck)
          ? Promise.reject(new VaultError('store_unavailable', 'planted'))
          : put(place, path, ...rest),
    };
    const failures: unknown[] = [];
    await beforeReady({ ...test.vault, store }, (name, error) => failures.push([name, (error as VaultError).code]));
    expect(failures).toEqual([['finish tenants', 'store_unavailable']]);
    const after = await test.vault.db.read((rows) => rows.tenants.all(), test.request);
    const stateOf = (wanted: string) => after.find(({ name }) => name === wanted)?.state;
    expect([stateOf('Stuck'), stateOf('Waiting')]).toEqual(['CREATING', 'ACTIVE']);
    await beforeReady(test.vault, (name, error) => failures.push([name, error]));
    expect(failures).toHaveLength(1);
    expect((await test.vault.db.read((rows) => rows.tenants.find(stuck), test.request))?.state).toBe('ACTIVE');
  });

  it('is not served where its blob opens with another key', async () => {
    const made = await createTenant(test.vault, operator, { ...what, name: 'Other' }, test.request);
    const path = join(test.store, 't', made.tenant, 'tenant.json');
    const foreign = join(test.store, 't', test.tenant, 'tenant.json');
    const tampered = readFileSync(foreign, 'utf8').replaceAll(test.tenant, made.tenant);
    rmSync(path);
    writeFileSync(path, tampered);
    const [row] = (await test.vault.db.read((rows) => rows.tenants.all(), test.request)).filter(
      ({ name }) => name === 'Other',
    );
    await test.vault.db.change(async (tx) => {
      if (row !== undefined) await tx.tenants.change(row, { state: 'CREATING' });
      const object = { type: 'tenant', id: made.tenant };
      const planted = {
        log: 'deployment',
        id: 'evt_planted',
        actor: operator,
        action: 'tenant.creating',
        object,
      } as const;
      return { result: undefined, events: [planted] };
    }, test.request);
    await expect(finishTenants(test.vault, test.request)).rejects.toMatchObject({ code: 'integrity' });
  });
});
