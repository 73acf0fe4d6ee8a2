// The tenants' metadata keys in memory: unwrapped when needed, kept for minutes, each unwrap counted in the log.
import { keyContext } from '../../../envelope/key-context.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { KeyService } from '../../../ports/key-service.ts';
import type { RequestContext } from '../request-context.ts';
import { type KeyUseDeps, keyCache, unwrapCounted } from './key-cache.ts';

export type MetadataKeys = {
  /**
   * The tenant's metadata key, unwrapped if it is not in memory. Throws the key service's errors. It may be overwritten
   * after minutes: whoever waits for a caller in between asks for it again.
   */
  readonly get: (tenant: Tenant, request: RequestContext) => Promise<SecretKey>;
  /** Hands out no key of a tenant (null: of any), so that nothing of it is served: `not_available`, until it is let go. */
  readonly block: (tenant: string | null) => void;
  readonly unblock: (tenant: string) => void;
  readonly isBlocked: (tenant: string) => boolean;
  /** Overwrites one tenant's, so that the next need of it asks the key service. */
  readonly drop: (tenant: string) => void;
  /** Overwrites those whose time is over, and returns how many. */
  readonly expire: () => number;
  /** Overwrites all of them. */
  readonly close: () => void;
};

/** With the minute after it, at most a quarter of an hour in memory. */
const HAND_OUT_MS = 14 * 60_000;

/** The keys of this process. */
export function metadataKeys(parts: KeyUseDeps & { readonly keys: KeyService }): MetadataKeys {
  const { drop, expire, close, get } = keyCache<SecretKey>(parts.clock, HAND_OUT_MS);
  const heldBack = new Set<string>();
  let all = false;
  const free = new Set<string>();
  const isHeldBack = (tenant: string): boolean => heldBack.has(tenant) || (all && !free.has(tenant));
  return {
    block: (tenant) => {
      if (tenant === null) all = true;
      else heldBack.add(tenant);
    },
    unblock: (tenant) => {
      heldBack.delete(tenant);
      free.add(tenant);
    },
    isBlocked: isHeldBack,
    get: async (tenant, request) => {
      if (isHeldBack(tenant.tenant)) {
        throw new VaultError('not_available', 'what was erased of the tenant is not known yet', { retryAfter: 60 });
      }
      const unwrap = () => unwrapMetadataKey(parts.keys, tenant, request);
      const of = { tenant: tenant.tenant, name: 'metadata' };
      return get(of, tenant.version, () => unwrapCounted(parts, tenant.tenant, 'metadata', unwrap, request));
    },
    drop: (tenant) => drop(tenant),
    expire,
    close,
  };
}

/** Unwraps the metadata key of a tenant's row, at the generation that the row names and not below its minimum. */
export function unwrapMetadataKey(keys: KeyService, tenant: Tenant, request: RequestContext): Promise<SecretKey> {
  if (tenant.metadataKey === null) throw new VaultError('not_available', 'the tenant has no metadata key yet');
  const { scheme, id, wrap, wrapped } = tenant.metadataKey;
  if (wrap < tenant.minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
  const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap });
  return keys.unwrap({ scheme, id, wrapped }, context, request);
}
