// The watch of tenants' keys while keys opened by them are in memory: a customer may disable a key at any time.
import { hasCode } from '../../errors.ts';
import type { Tenant } from '../../model/tenant.ts';
import { runAll } from '../core/concurrency.ts';
import { countKeyUse } from '../core/events/count-events.ts';
import { systemActor } from '../core/events/events.ts';
import { unwrapMetadataKey } from '../core/keys-in-memory/metadata-keys.ts';
import type { SessionRef } from '../core/keys-in-memory/session-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession, tryEnd } from '../core/sessions/end-session.ts';
import type { Vault } from '../core/vault.ts';

/** Without a definite answer for this long, the key counts as denied. */
const PATIENCE_MS = 120_000;

/**
 * A round of the watch; call it every half minute. It asks the key service for the metadata key of each tenant with
 * live sessions in this process, and for the tenant KEKs and ingest keys in memory. A denial, or two minutes without an answer,
 * overwrites the tenant's keys and ends its sessions. Returns how many it ended. A failure for one tenant or session
 * does not stop the others; the first error is thrown at the end.
 */
export function keyWatcher(vault: Vault): (request: RequestContext) => Promise<number> {
  const silentSince = new Map<string, number>();
  // Sessions whose keys are overwritten and whose rows must still end, in this round or a later one.
  const ending = new Map<string, SessionRef>();
  return (request) => {
    const look = async (id: string): Promise<boolean> => {
      const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
      // Another process may have suspended the tenant: then none of its keys stays in memory here.
      if (tenant?.state === 'ACTIVE' && (await areKeysUsable(vault, tenant, silentSince, request))) return false;
      vault.metadataKeys.drop(id);
      vault.tenantKeks.drop(id);
      vault.ingestKeys.drop(id);
      for (const session of vault.sessionKeys.sessions().filter((one) => one.tenant === id)) {
        // Keys before rows: even if the database fails, this process opens nothing more.
        vault.sessionKeys.end(session.id);
        ending.set(session.id, session);
      }
      return false;
    };
    const works = function* () {
      const held = [...vault.sessionKeys.sessions(), ...vault.tenantKeks.refs(), ...vault.ingestKeys.refs()];
      const tenants = new Set(held.map(({ tenant }) => tenant));
      for (const id of tenants) yield () => look(id);
      for (const session of ending.values()) yield () => endRow(vault, session, ending, request);
    };
    return runAll(works());
  };
}

async function endRow(
  vault: Vault,
  { tenant, id }: SessionRef,
  ending: Map<string, SessionRef>,
  request: RequestContext,
): Promise<boolean> {
  const session = await vault.db.read((rows) => rows.sessions.find(tenant, id), request);
  const actor = systemActor(vault.settings);
  const ended =
    session?.state === 'LIVE' && (await tryEnd(vault, (tx) => endSession(tx, actor, session, 'key', request), request));
  ending.delete(id);
  return ended;
}

async function areKeysUsable(
  vault: Vault,
  tenant: Tenant,
  silentSince: Map<string, number>,
  request: RequestContext,
): Promise<boolean> {
  const actor = systemActor(vault.settings);
  for (const ask of keyProbes(vault, tenant)) {
    await countKeyUse(vault, tenant.tenant, actor, 'watch', request);
    try {
      await ask(request);
    } catch (error) {
      if (hasCode(error, 'key_refused')) return false;
      const since = silentSince.get(tenant.tenant) ?? vault.clock.now();
      silentSince.set(tenant.tenant, since);
      return vault.clock.now() - since < PATIENCE_MS;
    }
  }
  silentSince.delete(tenant.tenant);
  return true;
}

/** The calls that probe a tenant's keys: during a re-wrap its metadata key and the others may be under different keys. */
function keyProbes(vault: Vault, tenant: Tenant): readonly ((request: RequestContext) => Promise<void>)[] {
  const isOwn = ({ tenant: of }: { readonly tenant: string }): boolean => of === tenant.tenant;
  const inMemory = [
    ...vault.tenantKeks
      .refs()
      .filter(isOwn)
      .map((kek) => (request: RequestContext) => vault.tenantKeks.prove(kek, request)),
    ...vault.ingestKeys
      .refs()
      .filter(isOwn)
      .map((key) => (request: RequestContext) => vault.ingestKeys.prove(key, request)),
  ];
  if (!vault.sessionKeys.sessions().some((session) => session.tenant === tenant.tenant)) return inMemory;
  const metadata = async (request: RequestContext) => (await unwrapMetadataKey(vault.keys, tenant, request)).zero();
  return [metadata, ...inMemory];
}
