// The tenant's row from the credential check: for the same tenant, for a moment, and with the same rejections.
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Tenant } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { activeTenant, findTenant } from '../../src/vault/core/tenants/active-tenant.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { runAs } from '../support/allowed-statements.ts';
import { makeWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.end());
afterEach(() => vi.restoreAllMocks());

const signal = () => AbortSignal.timeout(60_000);
const rowOf = async (id: string): Promise<Tenant> => {
  const row = await findTenant(world.vault, id, { signal: signal() });
  if (row === null) throw new Error('no such tenant');
  return row;
};

it('is taken for its own tenant only, and while it is known', async () => {
  const [harbour, yunhai] = [await rowOf(world.harbour.tenant), await rowOf(world.yunhai.tenant)];
  const read = vi.spyOn(world.vault.db, 'read');
  const known = { signal: signal(), callerTenant: () => harbour };
  expect(await activeTenant(world.vault, harbour.tenant, known)).toBe(harbour);
  expect(read).not.toHaveBeenCalled();
  expect(await activeTenant(world.vault, yunhai.tenant, known)).toEqual(yunhai);
  expect(await activeTenant(world.vault, harbour.tenant, { ...known, callerTenant: () => null })).toEqual(harbour);
  expect(read).toHaveBeenCalledTimes(2);
  const suspended = { ...known, callerTenant: (): Tenant => ({ ...harbour, state: 'SUSPENDED' }) };
  await expect(activeTenant(world.vault, harbour.tenant, suspended)).rejects.toMatchObject({ code: 'not_available' });
});

/** Lists recordings; `then` runs between the credential check and the use case. */
async function listWith(then: (() => Promise<unknown>) | null): Promise<number> {
  const note = world.vault.db.note.bind(world.vault.db);
  // The look at the list is counted first.
  const spy = vi.spyOn(world.vault.db, 'note').mockImplementation(async (work, wait) => {
    const done = await note(work, wait);
    spy.mockRestore();
    await then?.();
    return done;
  });
  const { status } = await world.call('GET', '/v1/recordings', { key: world.harbour.reviewer.key });
  spy.mockRestore();
  return status;
}

it('is read again where the request has waited: a tenant that was suspended meanwhile is not served', async () => {
  const by = operatorActor('op-1');
  const { tenant } = world.harbour;
  expect(await listWith(null)).toBe(200);
  const suspended = await listWith(async () => {
    await runAs('operator', 'suspending', () => suspendTenant(world.vault, by, tenant, { signal: signal() }));
    const later = performance.now() + 250;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
  });
  expect(suspended).toBe(503);
  vi.restoreAllMocks();
  // The next request is rejected at once.
  expect(await listWith(null)).toBe(503);
  await resumeTenant(world.vault, by, tenant, { signal: signal() });
  expect(await listWith(null)).toBe(200);
});
