// The tenants' metadata keys in memory: unwrapped on demand, kept for minutes, each unwrap counted in the log.
import { keyContext } from '../../../envelope/key-context.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { KeyService } from '../../../ports/key-service.ts';
import type { RequestContext } from '../request-context.ts';
import { type KeyUseDeps, keyCache, unwrapCounted } from './key-cache.ts';

export type MetadataKeys = {
  /**
   * The tenant's metadata key, unwrapped where it is not in memory. Throws the key service's errors. It may be
   * overwritten after minutes: code that waits for its client in between calls `get` again.
   */
  readonly get: (tenant: Tenant, request: RequestContext) => Promise<SecretKey>;
  /**
   * The tenant's key where it is in memory, whatever the tenant's row says by now; null otherwise, and while the tenant
   * is blocked.
   */
  readonly held: (tenant: string) => SecretKey | null;
  /**
   * Blocks a tenant (null: all tenants): `get` throws `not_available` until `unblock` for the same replay, so nothing of
   * the tenant is served.
   */
  readonly block: (tenant: string | null, replay?: Replay) => void;
  readonly unblock: (tenant: string, replay?: Replay) => void;
  /** Whether the replay of tombstones, or the given one, blocks the tenant. */
  readonly isBlocked: (tenant: string, replay?: Replay) => boolean;
  /** Overwrites one tenant's key, so that the next `get` calls the key service. */
  readonly drop: (tenant: string) => void;
  /** Overwrites expired keys and returns how many. */
  readonly expire: () => number;
  /** Overwrites all keys. */
  readonly close: () => void;
};

/** What is replayed from the store before a tenant is served: erasures, or changes. */
export type Replay = 'tombstones' | 'entries';

const BLOCKED: Readonly<Record<Replay, string>> = {
  tombstones: 'erasures of this tenant are still being replayed',
  entries: 'changes of this tenant are still being replayed',
};

/** With the minute of grace after it, a key is in memory for at most a quarter of an hour. */
const HAND_OUT_MS = 14 * 60_000;

/** The metadata keys of this process. */
export function metadataKeys(parts: KeyUseDeps & { readonly keys: KeyService }): MetadataKeys {
  const { drop, expire, close, get, held } = keyCache<SecretKey>(parts.clock, HAND_OUT_MS);
  const blocks: Readonly<Record<Replay, Blocks>> = { tombstones: noBlocks(), entries: noBlocks() };
  const blocked = (tenant: string): Replay | null => {
    if (blocks.tombstones.has(tenant)) return 'tombstones';
    return blocks.entries.has(tenant) ? 'entries' : null;
  };
  return {
    block: (tenant, replay = 'tombstones') => blocks[replay].add(tenant),
    unblock: (tenant, replay = 'tombstones') => blocks[replay].remove(tenant),
    isBlocked: (tenant, replay = 'tombstones') => blocks[replay].has(tenant),
    get: async (tenant, request) => {
      const replay = blocked(tenant.tenant);
      if (replay !== null) throw new VaultError('not_available', BLOCKED[replay], { retryAfter: 60 });
      const unwrap = () => unwrapMetadataKey(parts.keys, tenant, request);
      const of = { tenant: tenant.tenant, name: 'metadata' };
      return get(of, tenant.version, () => unwrapCounted(parts, tenant.tenant, 'metadata', unwrap, request));
    },
    held: (tenant) => (blocked(tenant) !== null ? null : held({ tenant, name: 'metadata' })),
    drop: (tenant) => drop(tenant),
    expire,
    close,
  };
}

type Blocks = {
  readonly add: (tenant: string | null) => void;
  readonly remove: (tenant: string) => void;
  readonly has: (tenant: string) => boolean;
};

function noBlocks(): Blocks {
  const heldBack = new Set<string>();
  let all = false;
  const free = new Set<string>();
  return {
    add: (tenant) => {
      if (tenant === null) all = true;
      else heldBack.add(tenant);
    },
    remove: (tenant) => {
      heldBack.delete(tenant);
      free.add(tenant);
    },
    has: (tenant) => heldBack.has(tenant) || (all && !free.has(tenant)),
  };
}

/**
 * Unwraps the metadata key of a tenant's row, at the row's generation. Throws `key_refused` below the tenant's minimum.
 */
export function unwrapMetadataKey(keys: KeyService, tenant: Tenant, request: RequestContext): Promise<SecretKey> {
  if (tenant.metadataKey === null) throw new VaultError('not_available', 'the tenant has no metadata key yet');
  const { scheme, id, wrap, wrapped } = tenant.metadataKey;
  if (wrap < tenant.minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
  const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap });
  return keys.unwrap({ scheme, id, wrapped }, context, request);
}
