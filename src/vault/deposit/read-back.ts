// Reading back what was stored, before the upload is acknowledged.
import { objectKey, objectPath, type StoredObject } from '../../envelope/object.ts';
import { openReader } from '../../envelope/range.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { CHUNK } from '../../envelope/sizes.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
import { readWholeObject } from '../core/objects/read-whole.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Up to this size everything is opened and compared; above it the first and the last chunk, and `verified_at` stays
 * null.
 */
const WHOLE = 256 * 1024 * 1024;

/**
 * Opens the stored object and compares its digest, where one is given. Returns whether all of it was read. Throws
 * `integrity` where the store returned something else, `blob_missing` where it returned nothing.
 */
export async function readBack(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  object: StoredObject,
  dataKey: SecretKey,
  sha256: Uint8Array | null,
  wait: Wait,
): Promise<boolean> {
  if (object.size <= WHOLE) {
    for await (const run of readWholeObject(vault, place, object, dataKey, sha256, wait)) {
      for (const chunk of run) chunk.fill(0);
    }
    return true;
  }
  const path = objectPath(object);
  const key = objectKey(dataKey, object.name);
  try {
    const reader = openReader(object, key, (start, end) => vault.store.read(place, path, start, end, wait));
    for await (const _run of reader.range(0, CHUNK)) wait.signal.throwIfAborted();
    return false;
  } finally {
    key.zero();
  }
}
