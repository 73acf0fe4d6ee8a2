// The tenants' metadata keys in memory: unwrapped when needed, kept for minutes, each unwrap counted in the log.
import { keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { KeyService } from '../../ports/key-service.ts';
import { count } from '../log/counted.ts';
import { systemActor } from '../log/events.ts';
import type { Request, Settings } from '../request.ts';

export type MetadataKeys = {
  /**
   * The tenant's metadata key, unwrapped if it is not in memory. Throws the key service's errors. It may be overwritten
   * after minutes: whoever waits for a caller in between asks for it again.
   */
  readonly get: (tenant: Tenant, request: Request) => Promise<SecretKey>;
  /** Hands out no key of a tenant (null: of any), so that nothing of it is served: `not_available`, until it is let go. */
  readonly holdBack: (tenant: string | null) => void;
  readonly letGo: (tenant: string) => void;
  readonly isHeldBack: (tenant: string) => boolean;
  /** Overwrites one tenant's, so that the next need of it asks the key service. */
  readonly drop: (tenant: string) => void;
  /** Overwrites those whose time is over, and returns how many. */
  readonly expire: () => number;
  /** Overwrites all of them. */
  readonly close: () => void;
};

/** Handed out for fourteen minutes and overwritten a minute later: whoever was given it last has that minute. */
const HAND_OUT_MS = 14 * 60_000;
const GRACE_MS = 60_000;

type Held = { readonly key: Promise<SecretKey>; readonly version: number; readonly until: number };

/** The keys of this process. */
export function metadataKeys(parts: {
  readonly db: Database;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly settings: Settings;
}): MetadataKeys {
  const held = new Map<string, Held>();
  /** What is handed out no more and not overwritten yet. */
  const leaving: { readonly tenant: string; readonly entry: Held; readonly over: number }[] = [];

  const leave = (tenant: string, entry: Held): void => {
    held.delete(tenant);
    leaving.push({ tenant, entry, over: parts.clock.now() + GRACE_MS });
  };

  const forget = (tenant: string, entry: Held): void => {
    if (held.get(tenant) === entry) held.delete(tenant);
    entry.key.then(
      (key) => key.zero(),
      () => undefined,
    );
  };

  const unwrap = async (tenant: Tenant, request: Request): Promise<SecretKey> => {
    const key = await unwrapMetadataKey(parts.keys, tenant, request);
    const object = { type: 'key', id: tenant.tenant, why: 'metadata' };
    const actor = systemActor(parts.settings);
    try {
      await count(parts, { tenant: tenant.tenant, actor, action: 'key.used', object, seconds: 3600 }, request);
      return key;
    } catch (error) {
      key.zero();
      throw error;
    }
  };

  const heldBack = new Set<string>();
  let all = false;
  const free = new Set<string>();
  const isHeldBack = (tenant: string): boolean => heldBack.has(tenant) || (all && !free.has(tenant));

  return {
    holdBack: (tenant) => {
      if (tenant === null) all = true;
      else heldBack.add(tenant);
    },
    letGo: (tenant) => {
      heldBack.delete(tenant);
      free.add(tenant);
    },
    isHeldBack,
    get: async (tenant, request) => {
      if (isHeldBack(tenant.tenant)) {
        throw new VaultError('not_available', 'what was erased of the tenant is not known yet', { retryAfter: 60 });
      }
      const found = held.get(tenant.tenant);
      // A row that was read before the one this key came from is no reason to ask again.
      if (found !== undefined && found.version >= tenant.version && found.until > parts.clock.now()) return found.key;
      if (found !== undefined) leave(tenant.tenant, found);
      const entry = { key: unwrap(tenant, request), version: tenant.version, until: parts.clock.now() + HAND_OUT_MS };
      held.set(tenant.tenant, entry);
      entry.key.catch(() => forget(tenant.tenant, entry));
      return entry.key;
    },
    drop: (tenant) => {
      const entry = held.get(tenant);
      if (entry !== undefined) forget(tenant, entry);
      for (const one of leaving) if (one.tenant === tenant) forget(tenant, one.entry);
    },
    expire: () => {
      const now = parts.clock.now();
      for (const [tenant, entry] of [...held]) if (entry.until <= now) leave(tenant, entry);
      const over = leaving.filter((one) => one.over <= now);
      for (const one of over) forget(one.tenant, one.entry);
      leaving.splice(0, leaving.length, ...leaving.filter((one) => one.over > now));
      return over.length;
    },
    close: () => {
      for (const [tenant, entry] of [...held]) forget(tenant, entry);
      for (const { tenant, entry } of leaving.splice(0)) forget(tenant, entry);
    },
  };
}

/** Unwraps the metadata key of a tenant's row, at the generation that the row names and not below its minimum. */
export function unwrapMetadataKey(keys: KeyService, tenant: Tenant, request: Request): Promise<SecretKey> {
  const { metadataScheme, metadataKeyId, metadataWrap, metadataWrapped } = tenant;
  if (metadataScheme === null || metadataKeyId === null || metadataWrap === null || metadataWrapped === null) {
    throw new VaultError('not_available', 'the tenant has no metadata key yet');
  }
  if (metadataWrap < tenant.minimumWrap)
    throw new VaultError('key_refused', 'the wrap generation is below the minimum');
  const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap: metadataWrap });
  return keys.unwrap({ scheme: metadataScheme, id: metadataKeyId, wrapped: metadataWrapped }, context, request);
}
