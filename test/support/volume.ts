// A tenant that enters and leaves volume mode, and re-wraps of only its data keys.
import type { Caller } from '../../src/model/principal.ts';
import { keyOf, type Tenant } from '../../src/model/tenant.ts';
import type { RewrappedKey } from '../../src/ports/rows/wrapped-key-rows.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { type DataKeyRewrap, rewrapDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { raiseGeneration, setVolumeMode } from '../../src/vault/keys/rotation.ts';
import { guardedVault } from './guarded.ts';
import { callAudio, wavOf } from './vault.ts';

/** A short call. */
export const WAV = wavOf(2_000);

/** The vault as a separate process, its calls to the key service, and its clock, which can be advanced. */
export function asProcess(vault: Vault) {
  const calls: string[] = [];
  let ahead = 0;
  const clock = { ...vault.clock, now: () => vault.clock.now() + ahead };
  const own = guardedVault({ ...vault, clock }, (call) => {
    if (call.startsWith('keys.')) calls.push(call.slice(5));
  });
  const forward = (milliseconds: number): void => {
    ahead += milliseconds;
  };
  return { vault: own, calls, forward };
}

/** Deposits `WAV` as this call's audio. */
export async function depositWav(vault: Vault, by: Caller, callId: string) {
  const what = callAudio(callId, WAV);
  return deposit(vault, by, what, { signal: AbortSignal.timeout(600_000) });
}

const by = operatorActor('op-1');
const request = () => ({ signal: AbortSignal.timeout(600_000) });

/** The tenant's current row. */
export async function tenantOf(vault: Pick<Vault, 'db'>, id: string): Promise<Tenant> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request());
  if (tenant === null) throw new Error('there is no such tenant');
  return tenant;
}

/** Begins a new generation of the tenant, in volume mode or out of it. */
export async function startGeneration(vault: Vault, id: string, volume: boolean): Promise<Tenant> {
  const before = await tenantOf(vault, id);
  if (before.volume === volume) await raiseGeneration(vault, by, id, request());
  else await setVolumeMode(vault, by, id, volume, request());
  return tenantOf(vault, id);
}

/** Re-wraps every data key below the tenant's generation; returns how many the key service unwrapped for this process. */
export async function rewrapAll(vault: Vault, id: string): Promise<{ readonly keys: number; readonly lent: number }> {
  const tenant = await tenantOf(vault, id);
  const below = await vault.db.read((rows) => rows.wrappedKeys.below(id, tenant.wrap, '', 10_000), request());
  const made: (RewrappedKey & DataKeyRewrap)[] = [];
  for (const from of below) made.push({ from, ...(await rewrapDataKey(vault, tenant, from, request())) });
  if (made.length > 0) {
    await vault.db.change(async (tx) => {
      const done = await tx.wrappedKeys.rewrap(id, made);
      if (done.length !== made.length) throw new Error('not all were re-wrapped');
      const all = { run: 'test', count: done.length, from: 1, wrap: tenant.wrap, how: 'inside' } as const;
      const object = { id: keyOf(tenant).id, ...all };
      return { result: undefined, events: [event(id, by, 'key.rewrapped', object, {})] };
    }, request());
  }
  return { keys: made.length, lent: made.filter(({ lent }) => lent).length };
}
