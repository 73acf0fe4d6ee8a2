// Reading back what was stored, before anybody is told that it is there.
import { createHash } from 'node:crypto';
import { equalBytes } from '../../bytes/equal.ts';
import { objectKey, objectPath, type StoredObject } from '../../envelope/object.ts';
import { openObject } from '../../envelope/open.ts';
import { openReader } from '../../envelope/range.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { CHUNK, sealedObjectSize } from '../../envelope/sizes.ts';
import { VaultError } from '../../errors.ts';
import type { Place } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
import type { Vault } from '../vault.ts';

/** Up to here everything is opened and compared; above, the first and the last chunk, and `verified_at` stays null. */
const WHOLE = 256 * 1024 * 1024;

/**
 * Opens the stored object and compares its digest. Returns whether all of it was read. Throws `integrity` where the
 * store gave back something else, `blob_missing` where nothing.
 */
export async function readBack(
  vault: Pick<Vault, 'store'>,
  place: Place,
  object: StoredObject,
  dataKey: SecretKey,
  sha256: Uint8Array,
  wait: Wait,
): Promise<boolean> {
  const path = objectPath(object);
  const key = objectKey(dataKey, object.name);
  const read = (start: number, end: number) => vault.store.read(place, path, start, end, wait);
  try {
    if (object.size > WHOLE) {
      const reader = openReader(object, key, read);
      for await (const _run of reader.range(0, CHUNK)) wait.signal.throwIfAborted();
      return false;
    }
    const digest = createHash('sha256');
    for await (const run of openObject(read(0, sealedObjectSize(object.size)), key, object)) {
      for (const chunk of run) {
        digest.update(chunk);
        chunk.fill(0);
      }
    }
    if (!equalBytes(digest.digest(), sha256)) throw new VaultError('integrity', 'what was stored is not what was sent');
    return true;
  } finally {
    key.zero();
  }
}
