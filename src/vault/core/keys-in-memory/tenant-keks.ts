// The tenant KEKs of volume mode in memory: one per generation, unwrapped on demand, kept for minutes.
import { keyContext } from '../../../envelope/key-context.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { TenantKekRow } from '../../../model/recording.ts';
import type { KeyService } from '../../../ports/key-service.ts';
import type { RequestContext } from '../request-context.ts';
import { type KeyUseDeps, keyCache, unwrapCounted } from './key-cache.ts';

/** The KEK of one generation, valid during one call. */
export type LentKek = { readonly id: string; readonly bytes: Buffer };

/** The tenant and the generation of a KEK. */
export type TenantKekRef = { readonly tenant: string; readonly wrap: number };

export type TenantKeks = {
  /**
   * Lends the KEK of a tenant's generation, unwrapped where it is not in memory. Throws `key_refused` where there is
   * none, the key service's errors, and the errors of `borrow`.
   */
  readonly lend: <T>(tenant: string, wrap: number, borrow: (kek: LentKek) => T, request: RequestContext) => Promise<T>;
  /** The KEKs in memory. */
  readonly refs: () => readonly TenantKekRef[];
  /**
   * Unwraps a KEK again, so that the key service shows whether its key may still be used. Overwrites a KEK whose row
   * was deleted. Throws the key service's errors.
   */
  readonly prove: (kek: TenantKekRef, request: RequestContext) => Promise<void>;
  /** Overwrites one tenant's KEKs, so that the next `lend` calls the key service. */
  readonly drop: (tenant: string) => void;
  /** Overwrites expired KEKs and returns how many. */
  readonly expire: () => number;
  /** Overwrites all KEKs. */
  readonly close: () => void;
};

const HAND_OUT_MS = 5 * 60_000;

type Kek = { readonly id: string; readonly key: SecretKey; readonly zero: () => void };

/** The tenant KEKs of this process. */
export function tenantKeks(parts: KeyUseDeps & { readonly keys: KeyService }): TenantKeks {
  const keks = keyCache<Kek>(parts.clock, HAND_OUT_MS);
  const rowOf = async ({ tenant, wrap }: TenantKekRef, request: RequestContext): Promise<TenantKekRow | undefined> => {
    const all = await parts.db.read((rows) => rows.wrappedKeys.tenantKeks(tenant), request);
    return all.find((one) => one.wrap === wrap);
  };
  const unwrap = async (tenant: string, wrap: number, request: RequestContext): Promise<Kek> => {
    const row = await rowOf({ tenant, wrap }, request);
    if (row === undefined) throw new VaultError('key_refused', 'the tenant has no KEK of this wrap generation');
    const open = () => unwrapTenantKek(parts.keys, row, request);
    const key = await unwrapCounted(parts, tenant, 'kek', open, request);
    return { id: row.id, key, zero: () => key.zero() };
  };
  return {
    lend: async (tenant, wrap, borrow, request) => {
      // A KEK's row never changes: a new generation has a new KEK.
      const kek = await keks.get({ tenant, name: String(wrap) }, 0, () => unwrap(tenant, wrap, request));
      return kek.key.use((bytes) => borrow({ id: kek.id, bytes }));
    },
    refs: () => keks.names().map(({ tenant, name }) => ({ tenant, wrap: Number(name) })),
    prove: async (kek, request) => {
      const row = await rowOf(kek, request);
      if (row === undefined) keks.drop(kek.tenant, String(kek.wrap));
      else (await unwrapTenantKek(parts.keys, row, request)).zero();
    },
    drop: (tenant) => keks.drop(tenant),
    expire: keks.expire,
    close: keks.close,
  };
}

/** Unwraps a KEK by its row. Throws the key service's errors. */
function unwrapTenantKek(keys: KeyService, row: TenantKekRow, request: RequestContext): Promise<SecretKey> {
  const context = keyContext({ use: 'kek', tenant: row.tenant, wrap: row.wrap });
  return keys.unwrap({ scheme: row.scheme, id: row.keyId, wrapped: row.wrapped }, context, request);
}
