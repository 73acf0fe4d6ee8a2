// Tombstones: the store's record of an erasure, under the tenant's own key, for databases restored from a backup.
import { toBase64 } from '../../bytes/base64.ts';
import { encodeTombstone } from '../../envelope/tenant-blob.ts';
import { parseTombstoneListPath } from '../../envelope/tombstone-list.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Erasure } from '../../model/erasure.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readTombstone } from '../core/tombstones/tombstones.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'metadataKeys'>;

/**
 * Writes the tombstone of an erasure, which names the event that began it. An existing tombstone of the same recording
 * counts as well. Throws `integrity` where another blob has its name.
 */
export async function writeTombstone(
  vault: Deps,
  tenant: Tenant,
  erasure: Erasure,
  request: RequestContext,
): Promise<void> {
  const [began] = await vault.db.read((rows) => rows.log.events(erasure.tenant, erasure.seq, 1), request);
  if (began === undefined) throw new VaultError('internal', 'an erasure without its event');
  const { id } = JSON.parse(Buffer.from(began.leaf).toString()) as { readonly id: string };
  const { recording, tombstone: path } = erasure;
  // The list that it was replayed from is in the store.
  if (parseTombstoneListPath(tenant.tenant, path) !== null) return;
  const content = { tenant: tenant.tenant, recording, event: id, leaf: toBase64(began.hash) };
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  try {
    await vault.store.put(locationOf(tenant), path, encodeTombstone(content, metadataKey), id, request);
  } catch (error) {
    if (!hasCode(error, 'blob_exists')) throw error;
    const existing = await readTombstone(vault, tenant, { path, recording }, metadataKey, request);
    if (existing === null || existing === 'damaged') {
      throw new VaultError('integrity', 'another blob has the name of this tombstone', { cause: error });
    }
  }
}
