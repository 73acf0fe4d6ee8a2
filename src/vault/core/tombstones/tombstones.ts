// Reading what the store records of erasures: tombstones of one recording, and lists of a batch with natural keys.

import type { SecretKey } from '../../../envelope/secret-key.ts';
import { openTombstone, parseTombstonePath } from '../../../envelope/tenant-blob.ts';
import {
  type ErasedRecording,
  MAX_TOMBSTONE_LIST,
  openTombstoneList,
  parseTombstoneListPath,
} from '../../../envelope/tombstone-list.ts';
import { hasCode } from '../../../errors.ts';
import { locationOf, type Tenant } from '../../../model/tenant.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** The name of a tombstone, with its recording, or of a list, which names its recordings inside. */
export type TombstoneName = { readonly path: string; readonly recording: string | null };

/** What a tombstone or a list says: its recordings, and the event that began their erasure. */
export type ErasureRecord = {
  readonly path: string;
  readonly event: string;
  readonly erased: readonly ErasedRecording[];
};

/** Parses a blob's name; null for a name that callvault never gives to a tombstone or a list. */
export function parseTombstoneName(tenant: string, path: string): TombstoneName | null {
  const recording = parseTombstonePath(tenant, path);
  return recording === null && parseTombstoneListPath(tenant, path) === null ? null : { path, recording };
}

/**
 * Reads a tombstone or a list; null where there is none. `damaged`: it does not verify or is not what its name says, so
 * nothing in it counts. Throws `store_unavailable`.
 */
export async function readTombstone(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  { path, recording }: TombstoneName,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<ErasureRecord | 'damaged' | null> {
  try {
    const blob = await vault.store.get(locationOf(tenant), path, MAX_TOMBSTONE_LIST, request);
    if (blob === null) return null;
    if (recording === null) {
      const { event, erased } = openTombstoneList(tenant.tenant, path, blob.bytes, metadataKey);
      return { path, event, erased };
    }
    const tombstone = openTombstone(blob.bytes, metadataKey);
    if (tombstone.tenant !== tenant.tenant || tombstone.recording !== recording) return 'damaged';
    return { path, event: tombstone.event, erased: [{ recording, natural: null }] };
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed', 'format_unknown')) return 'damaged';
    throw error;
  }
}
