// An object of one part, sealed in memory before it is stored.
import type { EnvelopeObject } from '../../envelope/envelope.ts';
import { type ObjectIdentity, objectKey, objectPath } from '../../envelope/object.ts';
import { sealObject } from '../../envelope/seal.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Vault } from '../core/vault.ts';
import { objectEntry } from './commit.ts';

/** A sealed object: its entry for the envelope, its path, its bytes. */
export type SealedInMemory = {
  readonly entry: EnvelopeObject;
  readonly path: string;
  readonly sealed: Buffer;
  /** Ends the use of its memory. `stored`: no write reads it any more, and another object may have it. */
  readonly release: (stored: boolean) => Promise<unknown>;
};

/** What is sealed: bytes of this declared length, less than a part. */
type Plaintext = { readonly type: string; readonly bytes: AsyncIterable<Uint8Array>; readonly length: number };

/** Seals an object. Throws the errors of its source, and `body_cut` where that is longer than declared. */
export async function sealInMemory(
  { store: { releasesBuffer } }: Pick<Vault, 'store'>,
  dataKey: SecretKey,
  identity: ObjectIdentity,
  { type, bytes, length }: Plaintext,
): Promise<SealedInMemory> {
  const key = objectKey(dataKey, identity.name);
  const parts = sealObject(bytes, key, identity, { releasesBuffer, length });
  try {
    const { value: part } = await parts.next();
    if (part?.last !== true) {
      await parts.return();
      throw new VaultError('body_cut', 'the body is longer than it declared');
    }
    return {
      entry: objectEntry(identity.name, type, part.size, [part.header]),
      path: objectPath(identity),
      sealed: part.sealed,
      release: (stored) => (stored ? parts.next() : parts.return()),
    };
  } finally {
    key.zero();
  }
}
