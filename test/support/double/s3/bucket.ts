// The content of a bucket: versions of blobs, newest first, and multipart uploads.
import { createHash } from 'node:crypto';
import { type ServiceCall, serviceError } from '../call.ts';
import type { Checksum } from './payload.ts';

export type Stored = {
  readonly bytes: Buffer;
  /** Quoted, as on the wire. */
  readonly etag: string;
  /** Headers that readers get: type, metadata. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: Checksum | null;
};

/** `stored` is null for a delete marker. */
export type Version = { readonly id: string; readonly at: Date; readonly stored: Stored | null };

export type Part = {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly checksum: Checksum | null;
  readonly at: Date;
};

export type Upload = {
  readonly id: string;
  readonly key: string;
  readonly at: Date;
  readonly headers: Readonly<Record<string, string>>;
  /** The checksum that every part must carry, or null for none. */
  readonly algorithm: string | null;
  readonly parts: Map<number, Part>;
};

export type Bucket = {
  readonly name: string;
  readonly region: string;
  versioning: 'off' | 'Enabled' | 'Suspended';
  readonly objects: Map<string, Version[]>;
  readonly uploads: Map<string, Upload>;
};

/** The bucket of a call. */
export function bucketOf(
  world: { readonly buckets: ReadonlyMap<string, Bucket> },
  { bucket: name, region }: ServiceCall,
): Bucket {
  const bucket = world.buckets.get(name);
  if (bucket === undefined) throw serviceError(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (bucket.region !== region) {
    const message = 'The bucket you are attempting to access must be addressed using the specified endpoint.';
    throw serviceError(301, 'PermanentRedirect', message);
  }
  return bucket;
}

/** The current version of a name, or undefined if there is none or it is a delete marker. */
export function currentOf(bucket: Bucket, key: string): (Version & { readonly stored: Stored }) | undefined {
  const version = bucket.objects.get(key)?.[0];
  return version === undefined || version.stored === null ? undefined : { ...version, stored: version.stored };
}

let versions = 0;

/** Adds a blob or a delete marker as the current version; returns its version. */
export function addVersion(bucket: Bucket, key: string, stored: Stored | null): Version {
  const before = bucket.objects.get(key) ?? [];
  const kept = bucket.versioning === 'Enabled' ? before : before.filter(({ id }) => id !== 'null');
  versions += 1;
  const id = bucket.versioning === 'Enabled' ? `v${String(versions).padStart(10, '0')}` : 'null';
  const version = { id, at: new Date(), stored };
  bucket.objects.set(key, [version, ...kept]);
  return version;
}

/** The conditions of a write. */
export function checkConditions(bucket: Bucket, { key, headers }: ServiceCall): void {
  const { 'if-none-match': none, 'if-match': match } = headers;
  const current = currentOf(bucket, key);
  const failed = () =>
    serviceError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  if (none !== undefined) {
    if (none !== '*') throw serviceError(501, 'NotImplemented', 'If-None-Match of a write must be *');
    if (current !== undefined) throw failed();
  }
  if (match !== undefined) {
    if (current === undefined) throw serviceError(404, 'NoSuchKey', 'The specified key does not exist.');
    if (!sameEtag(match, current.stored.etag)) throw failed();
  }
}

/** S3 accepts an ETag with and without quotes. */
export function sameEtag(given: string, etag: string): boolean {
  return given === '*' || given.replaceAll('"', '') === etag.replaceAll('"', '');
}

/** The ETag of a blob that was put whole. */
export function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

/** The headers of a write that readers get. */
export function keptHeaders({ headers }: ServiceCall): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'application/octet-stream' };
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue;
    if (/^(x-amz-meta-.*|content-type|cache-control|content-disposition|content-language|expires)$/.test(name)) {
      kept[name] = value;
    }
  }
  return kept;
}

/** The header with the version, in a versioned bucket. */
export function versionHeader(bucket: Bucket, { id }: Version): Record<string, string> {
  return bucket.versioning === 'off' ? {} : { 'x-amz-version-id': id };
}
