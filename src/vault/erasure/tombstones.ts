// Tombstones: the store's record of an erasure, under the tenant's own key, for databases restored from a backup.
import { toBase64 } from '../../bytes/base64.ts';
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { encodeTombstone, openTombstone, type Tombstone } from '../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Erasure } from '../../model/erasure.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
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
  const content = { tenant: tenant.tenant, recording, event: id, leaf: toBase64(began.hash) };
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  try {
    await vault.store.put(locationOf(tenant), path, encodeTombstone(content, metadataKey), id, request);
  } catch (error) {
    if (!hasCode(error, 'blob_exists')) throw error;
    const existing = await readTombstone(vault, tenant, { path, recording }, metadataKey, request);
    if (existing === null || existing === 'not ours') {
      throw new VaultError('integrity', 'another blob has the name of this tombstone', { cause: error });
    }
  }
}

/** Reads a tombstone; null where there is none. `not ours`: it does not verify, or is of another recording. */
export async function readTombstone(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  { path, recording }: { readonly path: string; readonly recording: string },
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<Tombstone | 'not ours' | null> {
  try {
    const existing = await vault.store.get(locationOf(tenant), path, MAX_ENVELOPE, request);
    if (existing === null) return null;
    const tombstone = openTombstone(existing.bytes, metadataKey);
    return tombstone.tenant === tenant.tenant && tombstone.recording === recording ? tombstone : 'not ours';
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed', 'format_unknown')) return 'not ours';
    throw error;
  }
}
