// Writing, reading and deleting one blob.
import { type Reply, type ServiceCall, serviceError } from '../call.ts';
import { denial, denialReason } from '../iam/policy.ts';
import type { DoubleState } from '../state.ts';
import {
  addVersion,
  type Bucket,
  bucketOf,
  checkConditions,
  currentOf,
  etagOf,
  keptHeaders,
  type Stored,
  sameEtag,
  type Version,
  versionHeader,
} from './bucket.ts';
import { s3Arn } from './operations.ts';
import { payloadOf } from './payload.ts';

const EMPTY = Buffer.alloc(0);

export function putObject(world: DoubleState, call: ServiceCall, body: Buffer): Reply {
  const bucket = bucketOf(world, call);
  if (call.headers['x-amz-copy-source'] !== undefined) throw serviceError(501, 'NotImplemented', 'no copies here');
  const { bytes, checksum } = payloadOf(call, body);
  checkConditions(bucket, call);
  const stored = { bytes, etag: etagOf(bytes), headers: keptHeaders(call), checksum };
  const version = addVersion(bucket, call.key, stored);
  const sum: Record<string, string> =
    checksum === null ? {} : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value };
  return { status: 200, headers: { etag: stored.etag, ...versionHeader(bucket, version), ...sum }, body: EMPTY };
}

/** GetObject and HeadObject; the caller of this function omits the body for HeadObject. */
export function readObject(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  const version = askedVersion(world, bucket, call);
  const { stored } = version;
  const { 'if-match': match, 'if-none-match': none, range } = call.headers;
  if (match !== undefined && !sameEtag(match, stored.etag)) {
    throw serviceError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  }
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'last-modified': version.at.toUTCString(),
    etag: stored.etag,
    ...stored.headers,
    ...versionHeader(bucket, version),
  };
  if (none !== undefined && sameEtag(none, stored.etag)) return { status: 304, headers, body: EMPTY };
  const slice = range === undefined ? null : sliceOf(range, stored.bytes.length);
  if (slice === null) return { status: 200, headers: { ...headers, ...sumHeader(call, stored) }, body: stored.bytes };
  const [start, end] = slice;
  headers['content-range'] = `bytes ${start}-${end - 1}/${stored.bytes.length}`;
  return { status: 206, headers, body: stored.bytes.subarray(start, end) };
}

/** Only the reply with a whole blob carries its checksum, and only on request. */
function sumHeader({ headers }: ServiceCall, { checksum }: Stored): Record<string, string> {
  if (checksum === null || headers['x-amz-checksum-mode'] !== 'ENABLED') return {};
  const type = checksum.value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT';
  return { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value, 'x-amz-checksum-type': type };
}

/** The first byte and the one after the last, or null for a header that S3 ignores. */
function sliceOf(range: string, size: number): readonly [number, number] | null {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (from === '' && to === '') return null;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1);
  if (from !== '' && to !== '' && Number(to) < start) return null;
  if (start >= end) throw serviceError(416, 'InvalidRange', 'The requested range is not satisfiable');
  return [start, end];
}

function askedVersion(world: DoubleState, bucket: Bucket, call: ServiceCall): Version & { readonly stored: Stored } {
  const versionId = call.query.get('versionId');
  if (versionId === null) {
    const current = currentOf(bucket, call.key);
    if (current === undefined) throw missing(world, call);
    return current;
  }
  const version = bucket.objects.get(call.key)?.find(({ id }) => id === versionId);
  if (version === undefined) throw serviceError(404, 'NoSuchVersion', 'The specified version does not exist.');
  if (version.stored === null) {
    throw serviceError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  return { ...version, stored: version.stored };
}

/** A caller without ListBucket gets AccessDenied for a missing blob. */
function missing(world: DoubleState, call: ServiceCall): Error {
  const resource = s3Arn(call.region, call.bucket, '');
  const need = { action: 's3:ListBucket', resource, keys: {} };
  const why = denialReason(world, call, need);
  return why === null ? serviceError(404, 'NoSuchKey', 'The specified key does not exist.') : denial(call, need, why);
}

export function deleteObject(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  if (call.headers['if-match'] !== undefined) throw serviceError(501, 'NotImplemented', 'no conditional delete here');
  const { version, marker } = deleteVersion(bucket, call.key, call.query.get('versionId'));
  const headers: Record<string, string> = version === null ? {} : { 'x-amz-version-id': version };
  if (marker) headers['x-amz-delete-marker'] = 'true';
  return { status: 204, headers, body: EMPTY };
}

/** Deletes the given version. Without one, adds a delete marker in a versioned bucket and deletes the blob in another. */
export function deleteVersion(
  bucket: Bucket,
  key: string,
  versionId: string | null,
): { readonly version: string | null; readonly marker: boolean } {
  const versions = bucket.objects.get(key) ?? [];
  if (versionId === null && bucket.versioning !== 'off') {
    return { version: addVersion(bucket, key, null).id, marker: true };
  }
  const gone = versions.find(({ id }) => id === (versionId ?? 'null'));
  const left = versions.filter((version) => version !== gone);
  if (left.length === 0) bucket.objects.delete(key);
  else bucket.objects.set(key, left);
  return { version: versionId, marker: gone !== undefined && gone.stored === null };
}
