// A tenant in volume mode and out of it again, as the verb that turns its key does, and its keys re-wrapped one by one.
import { keyOf, type Tenant } from '../../src/model/tenant.ts';
import type { RewrappedKey } from '../../src/ports/rows/wrapped-key-rows.ts';
import { type Rewrap, rewrapDataKey } from '../../src/vault/keys/data-keys.ts';
import { makeTenantKek } from '../../src/vault/keys/make-tenant-kek.ts';
import { event, operatorActor } from '../../src/vault/log/events.ts';
import type { Vault } from '../../src/vault/vault.ts';

const by = operatorActor('op-1');
const request = () => ({ signal: AbortSignal.timeout(60_000) });

/** The tenant's row as it is. */
export async function tenantOf(vault: Pick<Vault, 'db'>, id: string): Promise<Tenant> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request());
  if (tenant === null) throw new Error('there is no such tenant');
  return tenant;
}

/** Begins a new generation of the tenant, in volume mode or not; `changed` joins the row's change. */
export async function turn(
  vault: Vault,
  id: string,
  volume: 0 | 1,
  changed: Partial<Pick<Tenant, 'keyId' | 'keyScheme' | 'minimumWrap'>> = {},
): Promise<Tenant> {
  const before = await tenantOf(vault, id);
  const wrap = before.wrap + 1;
  const kek = volume === 1 ? await makeTenantKek(vault, { ...before, ...changed }, wrap, request()) : null;
  await vault.db.change(async (tx) => {
    const tenant = await tx.tenants.lock(id);
    if (tenant === null || !(await tx.tenants.change(tenant, { ...changed, volume, wrap })))
      throw new Error('not turned');
    if (kek !== null) await tx.wrappedKeys.insertTenantKek(kek);
    const object = { type: 'key', id: keyOf(tenant).id };
    return { result: undefined, events: [event(id, by, 'key.rotated', object, {})] };
  }, request());
  return tenantOf(vault, id);
}

/** Re-wraps every data key that is below the tenant's generation, and returns how many were lent to this process. */
export async function rewrapAll(vault: Vault, id: string): Promise<{ readonly keys: number; readonly lent: number }> {
  const tenant = await tenantOf(vault, id);
  const below = await vault.db.read((rows) => rows.wrappedKeys.below(id, tenant.wrap, '', 10_000), request());
  const made: (RewrappedKey & Rewrap)[] = [];
  for (const from of below) made.push({ from, ...(await rewrapDataKey(vault, tenant, from, request())) });
  if (made.length > 0) {
    await vault.db.change(async (tx) => {
      const done = await tx.wrappedKeys.rewrap(id, made);
      if (done.length !== made.length) throw new Error('not all were re-wrapped');
      const object = { type: 'key', id: keyOf(tenant).id, count: done.length };
      return { result: undefined, events: [event(id, by, 'key.rewrapped', object, {})] };
    }, request());
  }
  return { keys: made.length, lent: made.filter(({ lent }) => lent).length };
}
