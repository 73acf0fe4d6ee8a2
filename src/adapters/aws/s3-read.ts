// Range reads: an interrupted body is continued at the same offset of the same blob version.
import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { hasCode, VaultError } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { TaggedBlob, Wait } from '../../ports/object-store.ts';
import type { OpenedBody, S3 } from './s3-client.ts';
import { isBeyondEnd, isMissing, s3ErrorReplyOf, toStoreError } from './s3-errors.ts';
import { headBlob, rethrowRefusal } from './s3-head.ts';
import { s3KeyOf } from './s3-names.ts';

/** How often in a row a body may break off without a byte. */
const MAX_STALLS = 3;

/** The version being read: its ETag, in the form the store expects, and its version id where it has versions. */
type BlobVersion = { readonly IfMatch?: string; readonly VersionId?: string };

/**
 * Bytes from `start` to before `end`, as the port says. Throws `blob_missing` also where the blob is deleted meanwhile.
 * `onEtag` gets the blob's ETag.
 */
export async function* readRange(
  s3: S3,
  location: StoreLocation,
  path: string,
  start: number,
  end: number,
  wait: Wait,
  onEtag: (tag: string | undefined) => void = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const key = s3KeyOf(location, path);
  let begun: BlobVersion | null = null;
  let stop = end;
  let standstills = 0;
  for (let at = start; at < stop; ) {
    const range = { Range: `bytes=${at}-${stop - 1}`, ...begun };
    const opened = await openRange(s3, location, path, { ...key, ...range }, wait);
    if (opened === null) return;
    const { answer, release } = opened;
    try {
      if (begun === null) onEtag(answer.ETag);
      begun ??= blobVersionOf(s3, answer);
      stop = Math.min(stop, sizeFrom(answer, at));
      for await (const piece of bodyOf(answer)) {
        const wanted = piece.subarray(0, stop - at);
        at += wanted.length;
        standstills = 0;
        yield wanted;
      }
    } catch (error) {
      wait.signal.throwIfAborted();
      if (error instanceof VaultError || ++standstills > MAX_STALLS) throw toStoreError(error);
      continue;
    } finally {
      release();
    }
    if (at < stop && ++standstills > MAX_STALLS) throw toStoreError(new Error('the body ended early'));
  }
}

type Range = { readonly Bucket: string; readonly Key: string; readonly Range: string } & BlobVersion;

/** Starts a read; null where the blob ends before the range. */
async function openRange(
  s3: S3,
  location: StoreLocation,
  path: string,
  range: Range,
  wait: Wait,
): Promise<OpenedBody<GetObjectCommandOutput> | null> {
  try {
    return await s3.open(location, wait, (client, options) => client.send(new GetObjectCommand(range), options));
  } catch (error) {
    if (isBeyondEnd(error)) return null;
    const replaced = s3ErrorReplyOf(error).status === 412;
    if (replaced) throw new VaultError('blob_missing', 'the blob was replaced while it was read', { cause: error });
    if (isMissing(error)) throw new VaultError('blob_missing', 'the blob is not there', { cause: error });
    return rethrowRefusal(s3, location, path, error, wait);
  }
}

/** An ETag in the form that the store expects. */
export function ifMatch(form: S3['etag'], etag: string): string {
  return form === 'bare' ? etag.replace(/^"|"$/g, '') : etag;
}

function blobVersionOf({ etag }: S3, { ETag, VersionId }: GetObjectCommandOutput): BlobVersion {
  return {
    ...(ETag === undefined ? {} : { IfMatch: ifMatch(etag, ETag) }),
    ...(VersionId === undefined ? {} : { VersionId }),
  };
}

/** The size of the whole blob. Throws where the store returned another range than requested. */
function sizeFrom({ ContentRange = '' }: GetObjectCommandOutput, start: number): number {
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(ContentRange) ?? [];
  if (first === undefined || Number(first) !== start) throw toStoreError(new Error('the store returned another range'));
  return Number(size);
}

function bodyOf({ Body }: GetObjectCommandOutput): AsyncIterable<Uint8Array> {
  if (!(Body instanceof Readable)) throw toStoreError(new Error('the reply has no body'));
  return Body;
}

/** Reads a small blob; null where there is none. Throws `malformed` over `most` bytes. */
export async function getBlob(
  s3: S3,
  location: StoreLocation,
  path: string,
  most: number,
  wait: Wait,
): Promise<TaggedBlob | null> {
  const pieces: Uint8Array[] = [];
  let tag: string | undefined;
  const onEtag = (value: string | undefined): void => {
    tag = value;
  };
  try {
    for await (const piece of readRange(s3, location, path, 0, most + 1, wait, onEtag)) pieces.push(piece);
  } catch (error) {
    if (hasCode(error, 'blob_missing')) return null;
    throw error;
  }
  const bytes = Buffer.concat(pieces);
  if (bytes.length > most) throw new VaultError('malformed', `the blob is longer than ${most} bytes`);
  if (bytes.length === 0) return emptyBlob(s3, location, path, wait);
  if (tag === undefined) throw toStoreError(new Error('the blob has no ETag'));
  return { bytes, tag };
}

/** S3 cannot serve a range of an empty blob: this reads its ETag separately. */
async function emptyBlob(s3: S3, location: StoreLocation, path: string, wait: Wait): Promise<TaggedBlob | null> {
  const found = await headBlob(s3, location, path, wait);
  if (found === null) return null;
  const { ETag, ContentLength = 0 } = found;
  if (ETag === undefined || ContentLength > 0) throw toStoreError(new Error('the blob was replaced while it was read'));
  return { bytes: Buffer.alloc(0), tag: ETag };
}
