// Tenants whose creation a crash interrupted.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { finishTenants } from '../../src/vault/tenants/finish-tenant.ts';
import { runStartupTasks } from '../../src/work.ts';
import { sharedVault } from '../support/vaults.ts';

const operator = operatorActor('op-1');

describe('a half-created tenant', () => {
  const test = sharedVault();
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
    expect(first.flatMap(({ roles }) => roles).sort()).toEqual(['admin', 'supervisor', 'supervisor']);
  });

  it('does not stop others from being finished, and is reported', async () => {
    const noStore = {
      ...test.vault,
      store: { ...test.vault.store, put: () => Promise.reject(new VaultError('store_unavailable', 'planted')) },
    };
    const names = ['Broken', 'Sound', 'Also sound'];
    for (const name of names) await createTenant(noStore, operator, { ...what, name }, test.request).catch(() => null);
    const states = async () => {
      const all = await test.vault.db.read((rows) => rows.tenants.all(), test.request);
      return names.map((name) => all.find((tenant) => tenant.name === name));
    };
    const [broken] = await states();
    const put: typeof test.vault.store.put = (place, path, ...rest) =>
      path.includes(broken?.tenant ?? '?')
        ? Promise.reject(new VaultError('integrity', 'planted'))
        : test.vault.store.put(place, path, ...rest);
    const told: [string, unknown][] = [];
    await runStartupTasks({ ...test.vault, store: { ...test.vault.store, put } }, (work, error) =>
      told.push([work, error]),
    );
    expect(told).toEqual([['finish tenants', expect.objectContaining({ code: 'integrity' })]]);
    expect((await states()).map((tenant) => tenant?.state)).toEqual(['CREATING', 'ACTIVE', 'ACTIVE']);
    await runStartupTasks(test.vault, (work, error) => told.push([work, error]));
    expect(told).toHaveLength(1);
    expect((await states()).map((tenant) => tenant?.state)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
  });

  it('must have an existing country', async () => {
    for (const country of ['XX', 'gb', 'UK', 'GBR', '', 'toString']) {
      const refused = createTenant(test.vault, operator, { ...what, name: 'Nowhere', country }, test.request);
      await expect(refused).rejects.toMatchObject({
        code: 'malformed',
        message: expect.stringContaining('like GB or CN'),
      });
    }
    const tenants = await test.vault.db.read((rows) => rows.tenants.all(), test.request);
    expect(tenants.map(({ name }) => name)).not.toContain('Nowhere');
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
