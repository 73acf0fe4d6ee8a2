// The object store over S3 and what speaks like it. A place is a region, a bucket and a prefix in it.
import { ListObjectsV2Command, type ListObjectsV2CommandOutput, PutObjectCommand } from '@aws-sdk/client-s3';
import { sha256 } from '../../bytes/sha256.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { type S3Options, s3 } from './s3-client.ts';
import { deleteVersions } from './s3-delete.ts';
import { isConflict, mayBeDone } from './s3-errors.ts';
import { blobExists, headBlob, nonceMetadata, ownerOf } from './s3-head.ts';
import { keyOf, pathOf, prefixOf } from './s3-names.ts';
import { pagesOf } from './s3-pages.ts';
import { readRange } from './s3-read.ts';
import { s3Uploads } from './s3-uploads.ts';

/**
 * A store over S3. Writes are made on the condition that the name is free; a store that ignores the condition still
 * leaves the database's row as the guard. Nothing is connected to before it is used.
 */
export function s3Store(options: S3Options): ObjectStore {
  const store = s3(options);
  return {
    letsGo: false,
    put: async (place, path, bytes, op, wait) => {
      const blob = {
        ...keyOf(place, path),
        Body: bytes,
        IfNoneMatch: '*',
        ChecksumSHA256: sha256(bytes).toString('base64'),
        Metadata: nonceMetadata(op),
      };
      try {
        await store.call(place, wait, (client, sending) => client.send(new PutObjectCommand(blob), sending));
      } catch (error) {
        // A write that was done can meet itself when it is tried again, or be answered with a failure.
        if (!isConflict(error) && !mayBeDone(error)) throw error;
        const owner = await ownerOf(store, place, path, op, wait);
        if (owner === 'ours') return;
        throw owner === 'theirs' && isConflict(error) ? blobExists(error) : error;
      }
    },
    get: async (place, path, most, wait) => {
      const pieces: Uint8Array[] = [];
      try {
        for await (const piece of readRange(store, place, path, 0, most + 1, wait)) pieces.push(piece);
      } catch (error) {
        if (hasCode(error, 'blob_missing')) return null;
        throw error;
      }
      const bytes = Buffer.concat(pieces);
      if (bytes.length > most) throw new VaultError('malformed', `the blob is longer than ${most} bytes`);
      return bytes;
    },
    read: (place, path, start, end, wait) => readRange(store, place, path, start, end, wait),
    head: async (place, path, wait) => {
      const there = await headBlob(store, place, path, wait);
      return there && { size: there.ContentLength ?? 0, version: there.VersionId ?? null };
    },
    async *list(place, prefix, wait) {
      const pages = pagesOf<ListObjectsV2CommandOutput>((before) => {
        const asked = { ...prefixOf(place, prefix), ContinuationToken: before?.NextContinuationToken };
        return store.call(place, wait, (client, sending) => client.send(new ListObjectsV2Command(asked), sending));
      });
      for await (const { Contents = [] } of pages) {
        for (const { Key } of Contents) {
          const found = pathOf(place, Key);
          if (found !== null) yield { path: found };
        }
      }
    },
    delete: (place, path, wait) => deleteVersions(store, place, path, wait),
    ...s3Uploads(store),
  };
}
