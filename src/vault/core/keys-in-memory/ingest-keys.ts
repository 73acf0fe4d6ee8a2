// The seeds of ingest keys in memory: unwrapped for the files sealed to them, kept for minutes, each unwrap counted in the log.
import { equalBytes } from '../../../bytes/digest.ts';
import { ingestPublicKey } from '../../../envelope/hpke.ts';
import { isIngestKeyAuthentic } from '../../../envelope/ingest-key-blob.ts';
import { keyContext } from '../../../envelope/key-context.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { IngestKeyRow } from '../../../model/ingest-key.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { KeyService } from '../../../ports/key-service.ts';
import type { RequestContext } from '../request-context.ts';
import { type KeyUseDeps, keyCache, unwrapCounted } from './key-cache.ts';
import type { MetadataKeys } from './metadata-keys.ts';

/** The tenant and the id of an ingest key. */
export type IngestKeyRef = { readonly tenant: string; readonly id: string };

/** A seed in memory, and `lastFileAt` as its row has it. */
export type OpenIngestKey = Pick<IngestKeyRow, 'lastFileAt'> & { readonly seed: SecretKey };

export type IngestKeys = {
  /**
   * The 32-byte seed of an ingest key, unwrapped where it is not in memory. It may be overwritten after minutes: code
   * that waits for its client in between calls `get` again. Throws `ingest_key_unknown` for a key without a row,
   * `integrity` for a row that callvault did not write, and the errors of key service and database.
   */
  readonly get: (tenant: Tenant, id: string, request: RequestContext) => Promise<SecretKey>;
  /** The same, with when the last file that was sealed to the key had arrived. */
  readonly open: (tenant: Tenant, id: string, request: RequestContext) => Promise<OpenIngestKey>;
  /** The keys in memory. */
  readonly refs: () => readonly IngestKeyRef[];
  /**
   * Unwraps a seed again, so that the key service shows whether its key may still be used. Overwrites a seed whose row
   * was deleted. Throws the key service's errors.
   */
  readonly prove: (key: IngestKeyRef, request: RequestContext) => Promise<void>;
  /** Overwrites one tenant's seeds, so that the next `get` calls the key service. */
  readonly drop: (tenant: string) => void;
  /** Overwrites expired seeds and returns how many. */
  readonly expire: () => number;
  /** Overwrites all seeds. */
  readonly close: () => void;
};

const HAND_OUT_MS = 5 * 60_000;

/** The ingest keys of this process. */
export function ingestKeys(
  parts: KeyUseDeps & { readonly keys: KeyService; readonly metadataKeys: Pick<MetadataKeys, 'get'> },
): IngestKeys {
  const seeds = keyCache<SecretKey>(parts.clock, HAND_OUT_MS);
  const rowOf = ({ tenant, id }: IngestKeyRef, request: RequestContext): Promise<IngestKeyRow | null> =>
    parts.db.read((rows) => rows.ingestKeys.find(tenant, id), request);
  const unwrap = async (tenant: Tenant, row: IngestKeyRow, request: RequestContext): Promise<SecretKey> => {
    if (!isIngestKeyAuthentic(row, await parts.metadataKeys.get(tenant, request))) throw forged();
    const open = () => unwrapIngestKey(parts.keys, tenant, row, request);
    return unwrapCounted(parts, tenant.tenant, 'ingest', open, request);
  };
  const open: IngestKeys['open'] = async (tenant, id, request) => {
    // Read each time: a retired key opens nothing any more, in any process.
    const row = await rowOf({ tenant: tenant.tenant, id }, request);
    if (row === null) {
      seeds.drop(tenant.tenant, id);
      throw new VaultError('ingest_key_unknown', 'the tenant has no ingest key of this id');
    }
    // What the row's wrapped seed opens to never changes: a re-wrap keeps it.
    const seed = await seeds.get({ tenant: tenant.tenant, name: id }, 0, () => unwrap(tenant, row, request));
    return { seed, lastFileAt: row.lastFileAt };
  };
  return {
    open,
    get: async (tenant, id, request) => (await open(tenant, id, request)).seed,
    refs: () => seeds.names().map(({ tenant, name }) => ({ tenant, id: name })),
    prove: async (key, request) => {
      const [row, tenant] = [
        await rowOf(key, request),
        await parts.db.read((rows) => rows.tenants.find(key.tenant), request),
      ];
      if (row === null || tenant === null) seeds.drop(key.tenant, key.id);
      else (await unwrapIngestKey(parts.keys, tenant, row, request)).zero();
    },
    drop: (tenant) => seeds.drop(tenant),
    expire: seeds.expire,
    close: seeds.close,
  };
}

/**
 * Unwraps the seed of an ingest key's row. Throws `integrity` where it is not the seed of the row's public key,
 * `key_refused` below the tenant's minimum generation, and the key service's errors.
 */
export async function unwrapIngestKey(
  keys: Pick<KeyService, 'unwrap'>,
  { tenant, minimumWrap }: Pick<Tenant, 'tenant' | 'minimumWrap'>,
  {
    scheme,
    keyId,
    wrap,
    wrapped,
    public: publicKey,
  }: Pick<IngestKeyRow, 'scheme' | 'keyId' | 'wrap' | 'wrapped' | 'public'>,
  request: RequestContext,
): Promise<SecretKey> {
  if (wrap < minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
  const context = keyContext({ use: 'ingest', tenant, wrap });
  const seed = await keys.unwrap({ scheme, id: keyId, wrapped }, context, request);
  try {
    if (equalBytes(await ingestPublicKey(seed), publicKey)) return seed;
    throw forged();
  } catch (error) {
    seed.zero();
    throw error;
  }
}

function forged(): VaultError {
  return new VaultError('integrity', 'an ingest key is not the one that was created');
}
