// The whole of an object from its blob: every chunk, the heads, nothing after the end, and the digest where one is known.
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
 * Authentic plaintext in order, run by run; whoever takes a run may overwrite it. Only the end says that it was all of
 * it. Throws `integrity` for whatever is not the object, `blob_missing` where there is no blob.
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
    // One byte more than it should have: what follows the end is found too.
    const stored = vault.store.read(place, objectPath(object), 0, sealedObjectSize(object.size) + 1, wait);
    for await (const run of openObject(stored, key, object)) {
      if (digest !== null) for (const chunk of run) digest.update(chunk);
      yield run;
    }
    if (sha256 !== null && digest !== null && !equalBytes(digest.digest(), sha256)) {
      throw new VaultError('integrity', 'the digest of what was deposited is another');
    }
  } finally {
    key.zero();
  }
}
