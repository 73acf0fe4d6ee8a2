// Multipart uploads. A receipt is the part's SHA-256 in base64, a colon, and the store's ETag.
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { sha256 } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { ListedUpload, ObjectStore, OpenUpload, Wait } from '../../ports/object-store.ts';
import type { S3 } from './s3-client.ts';
import { pagesOf } from './s3-client.ts';
import { isConflict, isPartsMismatch, isUploadGone, mayHaveSucceeded, toStoreError } from './s3-errors.ts';
import { blobExists, blobOwnerOf, nonceMetadata } from './s3-head.ts';
import { blobPathOf, s3KeyOf, s3PrefixOf } from './s3-names.ts';

type Uploads = Pick<ObjectStore, 'beginUpload' | 'putPart' | 'completeUpload' | 'abortUpload' | 'listUploads'>;

export function s3Uploads(s3: S3): Uploads {
  return {
    beginUpload: async (location, path, op, wait) => {
      const begun = { ...s3KeyOf(location, path), Metadata: nonceMetadata(op), ChecksumAlgorithm: 'SHA256' as const };
      const { UploadId } = await s3.call(location, wait, (client, options) =>
        client.send(new CreateMultipartUploadCommand(begun), options),
      );
      if (UploadId === undefined) throw toStoreError(new Error('the store returned no upload id'));
      return UploadId;
    },
    putPart: async (location, upload, number, sealed, wait) => {
      const ChecksumSHA256 = sha256(sealed).toString('base64');
      const part = { ...uploadOf(location, upload), PartNumber: number + 1, Body: sealed, ChecksumSHA256 };
      try {
        const { ETag } = await s3.call(location, wait, (client, options) =>
          client.send(new UploadPartCommand(part), options),
        );
        if (ETag === undefined) throw toStoreError(new Error('the store returned no ETag for the part'));
        return `${ChecksumSHA256}:${ETag}`;
      } catch (error) {
        if (isUploadGone(error)) throw new VaultError('blob_missing', 'the upload does not exist', { cause: error });
        throw error;
      }
    },
    completeUpload: async (location, upload, receipts, op, wait) => {
      const completed = {
        ...uploadOf(location, upload),
        IfNoneMatch: '*',
        MultipartUpload: { Parts: receipts.map(partOf) },
      };
      try {
        await s3.call(location, wait, (client, options) =>
          client.send(new CompleteMultipartUploadCommand(completed), options),
        );
      } catch (error) {
        if (await isDone(s3, location, upload, op, error, wait)) return;
        throw error;
      }
    },
    abortUpload: async (location, upload, wait) => {
      const given = uploadOf(location, upload);
      try {
        await s3.call(location, wait, (client, options) =>
          client.send(new AbortMultipartUploadCommand(given), options),
        );
      } catch (error) {
        if (!isUploadGone(error)) throw error;
      }
    },
    listUploads: (location, wait) => openUploads(s3, location, '', wait),
  };
}

/**
 * Whether an upload whose completion failed is complete after all, because the answer to an earlier attempt was lost.
 * Throws `blob_exists` and `blob_missing` as the port says; false where it is unknown.
 */
async function isDone(s3: S3, location: StoreLocation, upload: OpenUpload, op: string, error: unknown, wait: Wait) {
  const definite = isConflict(error) || isUploadGone(error) || isPartsMismatch(error);
  if (!definite && !mayHaveSucceeded(error)) return false;
  const owner = await blobOwnerOf(s3, location, upload.path, op, wait);
  if (owner === 'ours') return true;
  if (isConflict(error)) {
    if (owner === 'theirs') throw blobExists(error);
    return false;
  }
  // Some stores fail where they should return NoSuchUpload.
  if (!definite && (await isOpen(s3, location, upload, wait))) return false;
  throw new VaultError('blob_missing', 'the upload does not exist or lacks a part', { cause: error });
}

async function isOpen(s3: S3, location: StoreLocation, upload: OpenUpload, wait: Wait): Promise<boolean> {
  for await (const { uploadId } of openUploads(s3, location, upload.path, wait)) {
    if (uploadId === upload.uploadId) return true;
  }
  return false;
}

async function* openUploads(s3: S3, location: StoreLocation, prefix: string, wait: Wait): AsyncGenerator<ListedUpload> {
  const pages = pagesOf<ListMultipartUploadsCommandOutput>((before) => {
    const from = { KeyMarker: before?.NextKeyMarker, UploadIdMarker: before?.NextUploadIdMarker };
    const input = { ...s3PrefixOf(location, prefix), ...from };
    return s3.call(location, wait, (client, options) => client.send(new ListMultipartUploadsCommand(input), options));
  });
  for await (const { Uploads = [] } of pages) {
    for (const { Key, UploadId, Initiated } of Uploads) {
      const path = blobPathOf(location, Key);
      // An upload without a time counts as new: cleaning leaves young ones alone.
      const begun = Initiated?.getTime() ?? Date.now();
      if (path !== null && UploadId !== undefined) yield { path, uploadId: UploadId, begun };
    }
  }
}

function uploadOf(location: StoreLocation, { path, uploadId }: OpenUpload) {
  return { ...s3KeyOf(location, path), UploadId: uploadId };
}

function partOf(receipt: string, number: number): CompletedPart {
  const colon = receipt.indexOf(':');
  if (colon < 0) throw new VaultError('blob_missing', 'the receipt is not from this store');
  return { PartNumber: number + 1, ChecksumSHA256: receipt.slice(0, colon), ETag: receipt.slice(colon + 1) };
}
