// The tenant's erased recordings, from tombstones that verify under its metadata key.
import { parseTombstonePath, tombstonePrefix } from '../../envelope/tenant-blob.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { readTombstone } from '../erasure/tombstones.ts';

/**
 * Recordings with a tombstone that verifies, and the paths of those that do not: the latter are reported and erase
 * nothing.
 */
export type TombstoneScan = { readonly recordings: ReadonlySet<string>; readonly damaged: readonly string[] };

/** Reads all tombstones of the tenant. Throws the errors of store and key service. */
export async function readTombstones(
  vault: Pick<Vault, 'store' | 'metadataKeys'>,
  tenant: Tenant,
  request: RequestContext,
): Promise<TombstoneScan> {
  const recordings = new Set<string>();
  const damaged: string[] = [];
  for await (const { path } of vault.store.list(locationOf(tenant), tombstonePrefix(tenant.tenant, null), request)) {
    const recording = parseTombstonePath(tenant.tenant, path);
    const metadataKey = await vault.metadataKeys.get(tenant, request);
    const tombstone =
      recording === null ? 'not ours' : await readTombstone(vault, tenant, { path, recording }, metadataKey, request);
    if (tombstone === 'not ours') damaged.push(path);
    else if (tombstone !== null) recordings.add(tombstone.recording);
  }
  return { recordings, damaged };
}
