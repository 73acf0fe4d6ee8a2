// HEAD requests, and ownership of blobs: every blob carries the nonce of the operation that wrote it.
import {
  HeadBucketCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { VaultError } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
import type { S3 } from './s3-client.ts';
import { isAmbiguousRefusal, isMissing } from './s3-errors.ts';
import { s3KeyOf, s3PrefixOf } from './s3-names.ts';

const NONCE = 'callvault-op';

/** The metadata member with the operation's nonce. */
export function nonceMetadata(op: string): Record<string, string> {
  return { [NONCE]: op };
}

/** Metadata of a blob; null where there is none. Throws `store_unavailable`, also for a missing bucket. */
export async function headBlob(
  s3: S3,
  location: StoreLocation,
  path: string,
  wait: Wait,
): Promise<HeadObjectCommandOutput | null> {
  const key = s3KeyOf(location, path);
  try {
    return await s3.call(location, wait, (client, options) => client.send(new HeadObjectCommand(key), options));
  } catch (error) {
    if (!isMissing(error)) return rethrowRefusal(s3, location, path, error, wait);
    // A HEAD reply has no body, so it does not distinguish a missing blob from a missing bucket.
    const { Bucket } = key;
    await s3.call(location, wait, (client, options) => client.send(new HeadBucketCommand({ Bucket }), options));
    return null;
  }
}

/**
 * Throws the reason why reading a blob is denied. Without permission to list, S3 denies a missing blob too; if listing
 * is denied as well, its error is the one to fix first, and it has the text that HEAD lacks.
 */
export async function rethrowRefusal(
  s3: S3,
  location: StoreLocation,
  path: string,
  error: unknown,
  wait: Wait,
): Promise<never> {
  if (isAmbiguousRefusal(error)) {
    const input = { ...s3PrefixOf(location, path), MaxKeys: 1 };
    await s3.call(location, wait, (client, options) => client.send(new ListObjectsV2Command(input), options));
  }
  throw error;
}

/** The owner of a blob: this operation (by its nonce), another one, or none (no blob). */
export async function blobOwnerOf(
  s3: S3,
  location: StoreLocation,
  path: string,
  op: string,
  wait: Wait,
): Promise<'ours' | 'theirs' | 'nobody'> {
  const found = await headBlob(s3, location, path, wait);
  if (found === null) return 'nobody';
  return isWrittenBy(found, op) ? 'ours' : 'theirs';
}

/** Whether an operation wrote this blob. */
export function isWrittenBy({ Metadata }: HeadObjectCommandOutput, op: string): boolean {
  return Metadata?.[NONCE] === op;
}

/** The error of a conditional write where another operation's blob has the name. */
export function blobExists(cause: unknown): VaultError {
  return new VaultError('blob_exists', 'a blob of this name exists', { cause });
}
