// A small blob as a whole, with its ETag for a tag.
import { hasCode, VaultError } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { TaggedBlob, Wait } from '../../ports/object-store.ts';
import type { S3 } from './s3-client.ts';
import { toStoreError } from './s3-errors.ts';
import { headBlob } from './s3-head.ts';
import { readRange } from './s3-read.ts';

/** The blob, or null where there is none. Throws `malformed` over `most` bytes. */
export async function getBlob(
  s3: S3,
  place: StoreLocation,
  path: string,
  most: number,
  wait: Wait,
): Promise<TaggedBlob | null> {
  const pieces: Uint8Array[] = [];
  let tag: string | undefined;
  const tell = (told: string | undefined): void => {
    tag = told;
  };
  try {
    for await (const piece of readRange(s3, place, path, 0, most + 1, wait, tell)) pieces.push(piece);
  } catch (error) {
    if (hasCode(error, 'blob_missing')) return null;
    throw error;
  }
  const bytes = Buffer.concat(pieces);
  if (bytes.length > most) throw new VaultError('malformed', `the blob is longer than ${most} bytes`);
  if (bytes.length === 0) return emptyBlob(s3, place, path, wait);
  if (tag === undefined) throw toStoreError(new Error('a blob without an ETag'));
  return { bytes, tag };
}

/** No range of an empty blob is there to be asked for: its ETag is looked for by itself. */
async function emptyBlob(s3: S3, place: StoreLocation, path: string, wait: Wait): Promise<TaggedBlob | null> {
  const there = await headBlob(s3, place, path, wait);
  if (there === null) return null;
  const { ETag, ContentLength = 0 } = there;
  if (ETag === undefined || ContentLength > 0) throw toStoreError(new Error('the blob was replaced while it was read'));
  return { bytes: Buffer.alloc(0), tag: ETag };
}
