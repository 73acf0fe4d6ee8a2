// Conditional writes of one blob: if the name is free, or if the blob is still the one that was read.
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { sha256 } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { ObjectStore, Wait } from '../../ports/object-store.ts';
import { pagesOf, type S3 } from './s3-client.ts';
import { isConflict, isMissing, mayHaveSucceeded, s3ErrorReplyOf } from './s3-errors.ts';
import { blobExists, blobOwnerOf, headBlob, isWrittenBy, nonceMetadata } from './s3-head.ts';
import { blobPathOf, s3KeyOf, s3PrefixOf } from './s3-names.ts';
import { ifMatch } from './s3-read.ts';

const ETAG_MISMATCH = 'the store reports a change of an unchanged blob: check CALLVAULT_S3_ETAG';

/** The port's writes of whole blobs. */
export function s3Writes(s3: S3): Pick<ObjectStore, 'put' | 'replace'> {
  const write = async (
    location: StoreLocation,
    path: string,
    bytes: Uint8Array,
    op: string,
    condition: Condition,
    wait: Wait,
  ) => {
    const ChecksumSHA256 = sha256(bytes).toString('base64');
    const blob = { ...s3KeyOf(location, path), ...condition, Body: bytes, ChecksumSHA256, Metadata: nonceMetadata(op) };
    await s3.call(location, wait, (client, sending) => client.send(new PutObjectCommand(blob), sending));
  };
  return {
    put: async (location, path, bytes, op, wait) => {
      try {
        await write(location, path, bytes, op, { IfNoneMatch: '*' }, wait);
      } catch (error) {
        // A repeated write can meet its own result, or fail although it succeeded.
        if (!isConflict(error) && !mayHaveSucceeded(error)) throw error;
        const owner = await blobOwnerOf(s3, location, path, op, wait);
        if (owner === 'ours') return;
        throw owner === 'theirs' && isConflict(error) ? blobExists(error) : error;
      }
    },
    replace: async (location, path, bytes, tag, op, wait) => {
      try {
        await write(location, path, bytes, op, { IfMatch: ifMatch(s3.etag, tag) }, wait);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        if (!isConflict(error) && !mayHaveSucceeded(error)) throw error;
        const current = await headBlob(s3, location, path, wait);
        if (current !== null && isWrittenBy(current, op)) return true;
        const unchanged = current?.ETag === tag;
        if (unchanged && s3ErrorReplyOf(error).status === 412)
          throw new VaultError('store_unavailable', ETAG_MISMATCH, { cause: error });
        // Another write was in progress, or the store failed: the outcome is not known yet.
        if (unchanged || !isConflict(error)) throw error;
        return false;
      }
    },
  };
}

type Condition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

/** Deletes all versions of a blob that it lists; nothing to delete is not an error. */
export async function deleteVersions(s3: S3, location: StoreLocation, path: string, wait: Wait): Promise<void> {
  const { Bucket, Key } = s3KeyOf(location, path);
  for await (const found of versionsUnder(s3, location, { Bucket, Prefix: Key }, wait)) {
    // A listing by prefix also contains longer names.
    if (found.Key === Key) await deleteVersion(s3, location, { Bucket, Key, VersionId: found.VersionId }, wait);
  }
}

/** The same for all blobs of a prefix. */
export async function deleteVersionsUnder(s3: S3, location: StoreLocation, prefix: string, wait: Wait): Promise<void> {
  const under = s3PrefixOf(location, prefix);
  const found: Version[] = [];
  // Listed first: stores differ in where a page begins whose marker was deleted.
  for await (const { Key, VersionId } of versionsUnder(s3, location, under, wait)) {
    if (Key !== undefined && blobPathOf(location, Key) !== null) found.push({ Bucket: under.Bucket, Key, VersionId });
  }
  for (const version of found) await deleteVersion(s3, location, version, wait);
}

type Under = { readonly Bucket: string; readonly Prefix: string };

/** All versions and delete markers of a prefix. */
async function* versionsUnder(s3: S3, location: StoreLocation, under: Under, wait: Wait) {
  const pages = pagesOf<ListObjectVersionsCommandOutput>((before) => {
    const input = { ...under, KeyMarker: before?.NextKeyMarker, VersionIdMarker: before?.NextVersionIdMarker };
    return s3.call(location, wait, (client, options) => client.send(new ListObjectVersionsCommand(input), options));
  });
  for await (const { Versions = [], DeleteMarkers = [] } of pages) yield* [...Versions, ...DeleteMarkers];
}

type Version = { readonly Bucket: string; readonly Key: string; readonly VersionId: string | undefined };

async function deleteVersion(s3: S3, location: StoreLocation, version: Version, wait: Wait): Promise<void> {
  try {
    await s3.call(location, wait, (client, options) => client.send(new DeleteObjectCommand(version), options));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
