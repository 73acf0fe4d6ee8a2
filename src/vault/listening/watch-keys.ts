// Watching the tenants' keys while somebody listens: a customer may take a key away without telling us.
import { hasCode, VaultError } from '../../errors.ts';
import type { Tenant } from '../../model/tenant.ts';
import { unwrapMetadataKey } from '../keys/metadata-keys.ts';
import { count } from '../log/counted.ts';
import { systemActor } from '../log/events.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { endSession } from './end.ts';

/** Without a definite answer for this long, the key counts as taken away. */
const PATIENCE_MS = 120_000;

/**
 * A round of the watch, to be called every half minute: it asks the key service for the metadata key of each tenant
 * with live sessions here. A definite refusal, or two minutes without an answer, ends them and overwrites their keys.
 * Returns how many it ended.
 */
export function keyWatch(vault: Vault): (request: Request) => Promise<number> {
  const silentSince = new Map<string, number>();
  return async (request) => {
    let ended = 0;
    for (const id of new Set(vault.sessionKeys.sessions().map(({ tenant }) => tenant))) {
      const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
      if (tenant !== null && (await usable(vault, tenant, silentSince, request))) continue;
      vault.metadataKeys.drop(id);
      ended += await endAll(vault, id, request);
    }
    return ended;
  };
}

async function usable(
  vault: Vault,
  tenant: Tenant,
  silentSince: Map<string, number>,
  request: Request,
): Promise<boolean> {
  const actor = systemActor(vault.settings);
  const object = { type: 'key', id: tenant.tenant, why: 'watch' };
  await count(vault, { tenant: tenant.tenant, actor, action: 'key.used', object, seconds: 3600 }, request);
  try {
    (await unwrapMetadataKey(vault.keys, tenant, request)).zero();
    silentSince.delete(tenant.tenant);
    return true;
  } catch (error) {
    if (hasCode(error, 'key_refused')) return false;
    const since = silentSince.get(tenant.tenant) ?? vault.clock.now();
    silentSince.set(tenant.tenant, since);
    return vault.clock.now() - since < PATIENCE_MS;
  }
}

async function endAll(vault: Vault, tenant: string, request: Request): Promise<number> {
  let ended = 0;
  for (const { id } of vault.sessionKeys.sessions().filter((session) => session.tenant === tenant)) {
    // First the key, then the row: whatever the database does, nothing more is opened here.
    vault.sessionKeys.end(id);
    const session = await vault.db.read((rows) => rows.sessions.find(tenant, id), request);
    if (session?.state !== 'LIVE') continue;
    try {
      await vault.db.change(async (tx) => {
        const made = await endSession(tx, systemActor(vault.settings), session, 'key', request);
        if (made === null) throw new VaultError('conflict', 'the session has changed');
        return { result: undefined, events: [made] };
      }, request);
      ended++;
    } catch (error) {
      // Ended by somebody else meanwhile: that is what was wanted.
      if (!hasCode(error, 'conflict')) throw error;
    }
  }
  return ended;
}
