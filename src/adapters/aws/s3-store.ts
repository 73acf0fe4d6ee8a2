// The object store over S3 and what speaks like it. A place is a region, a bucket and a prefix in it.
import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../ports/object-store.ts';
import { pagesOf, type S3Options, s3 } from './s3-client.ts';
import { headBlob } from './s3-head.ts';
import { blobPathOf, s3PrefixOf } from './s3-names.ts';
import { getBlob, readRange } from './s3-read.ts';
import { s3Uploads } from './s3-uploads.ts';
import { deleteVersions, s3Writes } from './s3-write.ts';

/**
 * A store over S3. Writes are made on the condition that the name is free; a store that ignores the condition still
 * leaves the database's row as the guard. Nothing is connected to before it is used.
 */
export function s3Store(options: S3Options): ObjectStore {
  const store = s3(options);
  return {
    releasesBuffer: false,
    ...s3Writes(store),
    get: (place, path, most, wait) => getBlob(store, place, path, most, wait),
    read: (place, path, start, end, wait) => readRange(store, place, path, start, end, wait),
    head: async (place, path, wait) => {
      const there = await headBlob(store, place, path, wait);
      return there && { size: there.ContentLength ?? 0, version: there.VersionId ?? null };
    },
    async *list(place, prefix, wait) {
      const pages = pagesOf<ListObjectsV2CommandOutput>((before) => {
        const asked = { ...s3PrefixOf(place, prefix), ContinuationToken: before?.NextContinuationToken };
        return store.call(place, wait, (client, sending) => client.send(new ListObjectsV2Command(asked), sending));
      });
      for await (const { Contents = [] } of pages) {
        for (const { Key, Size = 0 } of Contents) {
          const path = blobPathOf(place, Key);
          if (path !== null) yield { path, size: Size };
        }
      }
    },
    delete: (place, path, wait) => deleteVersions(store, place, path, wait),
    ...s3Uploads(store),
  };
}
