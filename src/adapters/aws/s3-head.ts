// Looking at a blob, and whose it is: every blob carries the nonce of the operation that wrote it.
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

/** The metadata that carries an operation's nonce. */
export function nonceMetadata(op: string): Record<string, string> {
  return { [NONCE]: op };
}

/** What the store says of a blob, or null where there is none. Throws `store_unavailable`, also for a missing bucket. */
export async function headBlob(
  s3: S3,
  place: StoreLocation,
  path: string,
  wait: Wait,
): Promise<HeadObjectCommandOutput | null> {
  const key = s3KeyOf(place, path);
  try {
    return await s3.call(place, wait, (client, options) => client.send(new HeadObjectCommand(key), options));
  } catch (error) {
    if (!isMissing(error)) return rethrowRefusal(s3, place, path, error, wait);
    // An answer to HEAD has no body to tell a missing blob from a missing bucket.
    const { Bucket } = key;
    await s3.call(place, wait, (client, options) => client.send(new HeadBucketCommand({ Bucket }), options));
    return null;
  }
}

/**
 * Throws why a blob may not be looked at or read. Who may not list is refused what is missing as well: where listing is
 * refused too, its own answer is what to put right first, and it has the words that HEAD lacks.
 */
export async function rethrowRefusal(
  s3: S3,
  place: StoreLocation,
  path: string,
  error: unknown,
  wait: Wait,
): Promise<never> {
  if (isAmbiguousRefusal(error)) {
    const asked = { ...s3PrefixOf(place, path), MaxKeys: 1 };
    await s3.call(place, wait, (client, options) => client.send(new ListObjectsV2Command(asked), options));
  }
  throw error;
}

/** Whose blob has a name: this operation's own, by its nonce, another's, or nobody's. */
export async function blobOwnerOf(
  s3: S3,
  place: StoreLocation,
  path: string,
  op: string,
  wait: Wait,
): Promise<'ours' | 'theirs' | 'nobody'> {
  const there = await headBlob(s3, place, path, wait);
  if (there === null) return 'nobody';
  return isWrittenBy(there, op) ? 'ours' : 'theirs';
}

/** Whether an operation wrote this blob. */
export function isWrittenBy({ Metadata }: HeadObjectCommandOutput, op: string): boolean {
  return Metadata?.[NONCE] === op;
}

/** What a conditional write throws where another operation's blob has the name. */
export function blobExists(cause: unknown): VaultError {
  return new VaultError('blob_exists', 'a blob of this name exists', { cause });
}
