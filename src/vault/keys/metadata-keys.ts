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
  /** The tenant's metadata key, unwrapped if it is not in memory. Throws the key service's errors. */
  readonly get: (tenant: Tenant, request: Request) => Promise<SecretKey>;
  /** Overwrites one tenant's, so that the next need of it asks the key service. */
  readonly drop: (tenant: string) => void;
  /** Overwrites those whose time is over, and returns how many. */
  readonly expire: () => number;
  /** Overwrites all of them. */
  readonly close: () => void;
};

const KEEP_MS = 15 * 60_000;

/** The keys of this process. */
export function metadataKeys(parts: {
  readonly db: Database;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly settings: Settings;
}): MetadataKeys {
  const held = new Map<string, { readonly key: SecretKey; readonly version: number; readonly until: number }>();
  return {
    get: async (tenant, request) => {
      const found = held.get(tenant.tenant);
      if (found !== undefined && found.version === tenant.version && found.until > parts.clock.now()) return found.key;
      const key = await unwrapMetadataKey(parts.keys, tenant, request);
      const object = { type: 'key', id: tenant.tenant, why: 'metadata' };
      const actor = systemActor(parts.settings);
      try {
        await count(parts, { tenant: tenant.tenant, actor, action: 'key.used', object, seconds: 3600 }, request);
      } catch (error) {
        key.zero();
        throw error;
      }
      held.get(tenant.tenant)?.key.zero();
      held.set(tenant.tenant, { key, version: tenant.version, until: parts.clock.now() + KEEP_MS });
      return key;
    },
    drop: (tenant) => {
      held.get(tenant)?.key.zero();
      held.delete(tenant);
    },
    expire: () => {
      const over = [...held].filter(([, { until }]) => until <= parts.clock.now());
      for (const [tenant, { key }] of over) {
        held.delete(tenant);
        key.zero();
      }
      return over.length;
    },
    close: () => {
      for (const { key } of held.values()) key.zero();
      held.clear();
    },
  };
}

/** Unwraps the metadata key of a tenant's row, at the generation that the row names and not below its minimum. */
export function unwrapMetadataKey(keys: KeyService, tenant: Tenant, request: Request): Promise<SecretKey> {
  const { keyScheme, metadataKeyId, metadataWrap, metadataWrapped } = tenant;
  if (keyScheme === null || metadataKeyId === null || metadataWrap === null || metadataWrapped === null) {
    throw new VaultError('not_available', 'the tenant has no metadata key yet');
  }
  if (metadataWrap < tenant.minimumWrap)
    throw new VaultError('key_refused', 'the wrap generation is below the minimum');
  const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap: metadataWrap });
  return keys.unwrap({ scheme: keyScheme, id: metadataKeyId, wrapped: metadataWrapped }, context, request);
}
