// Deleting a blob: every version of it and every marker that hides one, in a bucket with versions or without.
import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
import type { S3 } from './s3-client.ts';
import { isMissing } from './s3-errors.ts';
import { s3KeyOf } from './s3-names.ts';
import { pagesOf } from './s3-pages.ts';

/** Deletes all versions that are there when it looks; nothing to delete is no error. */
export async function deleteVersions(s3: S3, place: StoreLocation, path: string, wait: Wait): Promise<void> {
  const { Bucket, Key } = s3KeyOf(place, path);
  const pages = pagesOf<ListObjectVersionsCommandOutput>((before) => {
    const from = { KeyMarker: before?.NextKeyMarker, VersionIdMarker: before?.NextVersionIdMarker };
    const asked = { Bucket, Prefix: Key, ...from };
    return s3.call(place, wait, (client, options) => client.send(new ListObjectVersionsCommand(asked), options));
  });
  for await (const { Versions = [], DeleteMarkers = [] } of pages) {
    for (const found of [...Versions, ...DeleteMarkers]) {
      // A listing by prefix also holds blobs whose names only begin so.
      if (found.Key === Key) await deleteVersion(s3, place, { Bucket, Key, VersionId: found.VersionId }, wait);
    }
  }
}

type Version = { readonly Bucket: string; readonly Key: string; readonly VersionId: string | undefined };

async function deleteVersion(s3: S3, place: StoreLocation, version: Version, wait: Wait): Promise<void> {
  try {
    await s3.call(place, wait, (client, options) => client.send(new DeleteObjectCommand(version), options));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
