// A re-wrap in the world of erasing: its runs, and stores and vaults that interfere with it.

import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { backlogOf, readCensus } from '../../src/vault/keys/census.ts';
import { type RewrapResult, rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import type { ErasureWorld } from './erasure-world.ts';
import { gate } from './fixture-rows.ts';

const by = operatorActor('op-1');

/** A gate that stops one caller until the test opens it, so that the test can act between two steps of the caller. */
export function createBarrier() {
  const [reached, free] = [gate(), gate()];
  const pass = async (): Promise<void> => {
    reached.open();
    await free.passed;
  };
  return { reached: reached.passed, letGo: free.open, pass };
}

export function rewrapping(world: ErasureWorld, tenant: string) {
  const { vault } = world;
  const run = (how: Vault = vault, request = world.request()): Promise<RewrapResult> =>
    rewrapTenant(how, by, tenant, { rate: 1000, concurrency: 8, sample: 0 }, () => undefined, request);
  return {
    raise: () => raiseGeneration(vault, by, tenant, world.request()),
    run,
    left: async () => backlogOf(await readCensus(vault, tenant, world.request())),
    /** The number of data keys that were re-wrapped to this generation, by the log. */
    told: async (wrap: number): Promise<number> => {
      const events = await world.leaves(tenant);
      const batches = events.filter(({ action, object }) => action === 'key.rewrapped' && !('use' in object));
      const counts = batches
        .filter(({ object }) => object['wrap'] === wrap)
        .map(({ object }) => Number(object['count']));
      return counts.reduce((sum, one) => sum + one, 0);
    },
    /** The vault over a store that ignores If-Match, as some do, so that each replacement of an envelope succeeds. */
    ignoringMatch: (
      before: (path: string) => Promise<void> = async () => undefined,
      after: (path: string) => Promise<void> = async () => undefined,
    ): Vault => {
      const { store } = vault;
      const replace: Vault['store']['replace'] = async (...of) => {
        const [place, path, bytes, , op, wait] = of;
        if (!path.includes('/e/')) return store.replace(...of);
        await before(path);
        await store.delete(place, path, wait);
        await store.put(place, path, bytes, op, wait);
        await after(path);
        return true;
      };
      return { ...vault, store: { ...store, replace } };
    },
  };
}

/** The vault of a runner that begins with the first key instead of a random one, so that its batches are known. */
export function startingAtFirstKey(vault: Vault): Vault {
  const read: Vault['db']['read'] = (work, wait) =>
    vault.db.read((rows) => work({ ...rows, wrappedKeys: { ...rows.wrappedKeys, bounds: async () => null } }), wait);
  return { ...vault, db: { ...vault.db, read } };
}

/** A process that can be killed: afterwards none of its calls reaches database, store or key service. */
export function killableVault(vault: Vault): { readonly vault: Vault; readonly kill: () => Error } {
  const death = new Error('killed');
  let dead = false;
  const watch = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]): unknown => {
          if (dead) throw death;
          return Reflect.apply(method, target, given) as unknown;
        };
      },
    });
  const kill = (): Error => {
    dead = true;
    return death;
  };
  return { vault: { ...vault, db: watch(vault.db), store: watch(vault.store), keys: watch(vault.keys) }, kill };
}
