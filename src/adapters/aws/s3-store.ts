// Object store over S3 and compatible stores. A location is a region, a bucket and a prefix.
import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { VaultError } from '../../errors.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { pagesOf, type S3Options, s3 } from './s3-client.ts';
import { headBlob } from './s3-head.ts';
import { blobPathOf, s3PrefixOf } from './s3-names.ts';
import { getBlob, readRange } from './s3-read.ts';
import { s3Uploads } from './s3-uploads.ts';
import { deleteVersions, deleteVersionsUnder, s3Writes } from './s3-write.ts';

/**
 * A store over S3. Writes are conditional on a free name; with a store that ignores conditions, the database's row is
 * the guard. It connects at first use.
 */
export function s3Store(options: S3Options): ObjectStore {
  const store = s3(options);
  return {
    releasesBuffer: false,
    // The network and the service may still have a request of a process that has ended.
    lingerMs: 180_000,
    ...s3Writes(store),
    get: (location, path, most, wait) => getBlob(store, location, path, most, wait),
    read: (location, path, start, end, wait) => readRange(store, location, path, start, end, wait),
    head: async (location, path, wait) => {
      const found = await headBlob(store, location, path, wait);
      return found && { size: found.ContentLength ?? 0, version: found.VersionId ?? null };
    },
    async *list(location, prefix, wait) {
      const pages = pagesOf<ListObjectsV2CommandOutput>((before) => {
        const input = { ...s3PrefixOf(location, prefix, wait.after), ContinuationToken: before?.NextContinuationToken };
        return store.call(location, wait, (client, sending) => client.send(new ListObjectsV2Command(input), sending));
      });
      for await (const { Contents = [] } of pages) {
        for (const { Key, Size = 0 } of Contents) {
          const path = blobPathOf(location, Key);
          // A store that ignores StartAfter lists all names of the prefix.
          if (path !== null && path > (wait.after ?? '')) yield { path, size: Size };
        }
      }
    },
    first: async (location, folder, most, wait) => {
      if (!folder.endsWith('/')) throw new VaultError('malformed', 'not a folder of blobs');
      const input = { ...s3PrefixOf(location, folder), MaxKeys: most };
      const { Contents = [] } = await store.call(location, wait, (client, sending) =>
        client.send(new ListObjectsV2Command(input), sending),
      );
      return Contents.flatMap(({ Key }) => blobPathOf(location, Key) ?? []);
    },
    delete: (location, path, wait) => deleteVersions(store, location, path, wait),
    deleteUnder: (location, prefix, wait) => deleteVersionsUnder(store, location, prefix, wait),
    ...s3Uploads(store),
  };
}
