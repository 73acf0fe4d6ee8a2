// The tenant KEKs in a tenant's bucket: accepted under the metadata key and a trusted key, inserted where used.
import { MAX_ENVELOPE, type WrappedKey } from '../../envelope/envelope.ts';
import { keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { parseTenantKek, tenantKekPath, tenantKekPrefix, verifyTenantKek } from '../../envelope/tenant-kek-blob.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { TenantKekRow } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { KekLookup } from '../offline/read-envelope.ts';
import { requireTrusted, type TrustedKeys } from '../offline/trusted-keys.ts';

type Deps = Pick<Vault, 'store' | 'keys' | 'metadataKeys'>;

/** The KEKs of one run: each unwrapped once and overwritten by `end`. */
export type FoundKeks = {
  readonly keksOf: KekLookup;
  /** The row of a KEK, or undefined for one that is missing or was rejected. */
  readonly row: (id: string) => TenantKekRow | undefined;
  /** Paths of blobs that are no KEK of this tenant, or are wrapped by a key that is not trusted. */
  readonly refused: readonly string[];
  readonly end: () => void;
};

/** Reads all tenant KEKs. Throws the errors of store and key service. */
export async function readKeks(
  parts: Deps,
  tenant: Tenant,
  trusted: TrustedKeys,
  request: RequestContext,
): Promise<FoundKeks> {
  const rows = new Map<string, TenantKekRow>();
  const refused: string[] = [];
  for await (const { path } of parts.store.list(locationOf(tenant), tenantKekPrefix(tenant.tenant), request)) {
    const row = await readKek(parts, tenant, path, trusted, request);
    if (row === null) refused.push(path);
    else rows.set(row.id, row);
  }
  const open = new Map<string, Promise<SecretKey>>();
  const unwrap = (row: TenantKekRow): Promise<SecretKey> => {
    const context = keyContext({ use: 'kek', tenant: row.tenant, wrap: row.wrap });
    return parts.keys.unwrap({ scheme: row.scheme, id: row.keyId, wrapped: row.wrapped }, context, request);
  };
  const keksOf: KekLookup = ({ id }) => ({
    lend: async (_tenant, wrap, borrow) => {
      const row = rows.get(id);
      if (row === undefined || row.wrap !== wrap) throw new VaultError('key_refused', 'there is no such tenant KEK');
      const key = open.get(id) ?? unwrap(row);
      open.set(id, key);
      key.catch(() => open.delete(id));
      return (await key).use((bytes) => borrow({ id, bytes }));
    },
  });
  const end = (): void => {
    for (const key of open.values()) {
      key.then(
        (one) => one.zero(),
        () => undefined,
      );
    }
  };
  return { keksOf, row: (id) => rows.get(id), refused, end };
}

async function readKek(
  parts: Deps,
  tenant: Tenant,
  path: string,
  trusted: TrustedKeys,
  request: RequestContext,
): Promise<TenantKekRow | null> {
  try {
    const blob = await parts.store.get(locationOf(tenant), path, MAX_ENVELOPE, request);
    if (blob === null) return null;
    const { tenant: of, id, created, key } = parseTenantKek(blob.bytes);
    if (of !== tenant.tenant || tenantKekPath(of, id) !== path) return null;
    requireTrusted(key, trusted);
    verifyTenantKek(blob.bytes, await parts.metadataKeys.get(tenant, request));
    return { tenant: of, id, created, wrap: key.wrap, scheme: key.scheme, keyId: key.id, wrapped: key.wrapped };
  } catch (error) {
    if (hasCode(error, 'malformed', 'format_unknown', 'integrity', 'key_refused')) return null;
    throw error;
  }
}

/** Inserts the KEKs that these deposits name; returns those whose generation has another KEK. */
export async function insertKeks(
  tx: Transaction,
  { tenant }: Tenant,
  keks: FoundKeks,
  found: readonly { readonly key: Pick<WrappedKey, 'scheme' | 'id'> }[],
): Promise<ReadonlySet<string>> {
  const refused = new Set<string>();
  const named = new Set(found.filter(({ key }) => key.scheme === 'tenant-kek').map(({ key }) => key.id));
  for (const id of named) {
    const row = keks.row(id);
    const existing = (await tx.wrappedKeys.tenantKeks(tenant)).find(({ wrap }) => wrap === row?.wrap);
    if (row !== undefined && existing === undefined) await tx.wrappedKeys.insertTenantKek(row);
    else if (existing?.id !== id) refused.add(id);
  }
  return refused;
}
