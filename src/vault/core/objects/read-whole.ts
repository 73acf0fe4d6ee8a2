// A reader of whole objects: verifies every chunk, the heads, the end, and the digest where one is known.
import { createHash } from 'node:crypto';
import { equalBytes } from '../../../bytes/digest.ts';
import { objectKey, objectPath, type StoredObject } from '../../../envelope/object.ts';
import { type ChunkBatch, openObject } from '../../../envelope/open.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { sealedObjectSize } from '../../../envelope/sizes.ts';
import { VaultError } from '../../../errors.ts';
import type { StoreLocation } from '../../../model/tenant.ts';
import type { Wait } from '../../../ports/object-store.ts';
import type { Vault } from '../vault.ts';

/**
 * Yields authentic plaintext in order; the consumer may overwrite each run. Only the generator's end shows that the
 * object was complete. Throws `integrity` where the blob is not the object, `blob_missing` where there is no blob.
 */
export async function* readWholeObject(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  object: StoredObject,
  dataKey: SecretKey,
  sha256: Uint8Array | null,
  wait: Wait,
): AsyncGenerator<ChunkBatch, void, undefined> {
  const key = objectKey(dataKey, object.name);
  const digest = sha256 === null ? null : createHash('sha256');
  try {
    // One byte more than expected: bytes after the end are detected too.
    const stored = vault.store.read(place, objectPath(object), 0, sealedObjectSize(object.size) + 1, wait);
    for await (const run of openObject(stored, key, object)) {
      if (digest !== null) for (const chunk of run) digest.update(chunk);
      yield run;
    }
    if (sha256 !== null && digest !== null && !equalBytes(digest.digest(), sha256)) {
      throw new VaultError('integrity', 'the object does not have the digest recorded at its deposit');
    }
  } finally {
    key.zero();
  }
}
