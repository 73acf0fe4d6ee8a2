// Multipart uploads.
import { createHash, randomBytes } from 'node:crypto';
import { type Reply, type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import {
  addVersion,
  type Bucket,
  bucketOf,
  checkConditions,
  etagOf,
  keptHeaders,
  type Upload,
  versionHeader,
} from './bucket.ts';
import { partsAsked } from './complete-parts.ts';
import { isAfter, namesOf, pageOf } from './list.ts';
import { type Checksum, payloadOf } from './payload.ts';
import { element, text, xmlReply } from './xml.ts';

const EMPTY = Buffer.alloc(0);

export function createUpload(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  const { key, headers } = call;
  const header = headers['x-amz-checksum-algorithm'];
  const algorithm = typeof header === 'string' ? header.toLowerCase() : null;
  const id = randomBytes(24).toString('base64url');
  bucket.uploads.set(id, { id, key, at: new Date(), headers: keptHeaders(call), algorithm, parts: new Map() });
  const named = [text('Bucket', bucket.name), text('Key', key), text('UploadId', id)];
  const reply = xmlReply('InitiateMultipartUploadResult', ...named);
  const sums: Record<string, string> =
    algorithm === null
      ? {}
      : { 'x-amz-checksum-algorithm': algorithm.toUpperCase(), 'x-amz-checksum-type': 'COMPOSITE' };
  return { ...reply, headers: { ...reply.headers, ...sums } };
}

function uploadOf(bucket: Bucket, { key, query }: ServiceCall): Upload {
  const upload = bucket.uploads.get(query.get('uploadId') ?? '');
  if (upload === undefined || upload.key !== key) {
    const message =
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
    throw serviceError(404, 'NoSuchUpload', message);
  }
  return upload;
}

export function uploadPart(world: DoubleState, call: ServiceCall, body: Buffer): Reply {
  const upload = uploadOf(bucketOf(world, call), call);
  const number = Number(call.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw serviceError(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  }
  const { bytes, checksum } = payloadOf(call, body);
  if (upload.algorithm !== null && checksum?.algorithm !== upload.algorithm) {
    const message = `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm}, actual checksum Type: ${checksum?.algorithm ?? 'null'}`;
    throw serviceError(400, 'InvalidRequest', message);
  }
  const etag = etagOf(bytes);
  upload.parts.set(number, { bytes, etag, checksum, at: new Date() });
  const sum: Record<string, string> =
    checksum === null ? {} : { [`x-amz-checksum-${checksum.algorithm}`]: checksum.value };
  return { status: 200, headers: { etag, ...sum }, body: EMPTY };
}

export function completeUpload(world: DoubleState, call: ServiceCall, body: Buffer): Reply {
  const bucket = bucketOf(world, call);
  const upload = uploadOf(bucket, call);
  const parts = partsAsked(upload, payloadOf(call, body).bytes);
  checkConditions(bucket, call);
  const digest = createHash('md5');
  for (const { etag } of parts) digest.update(Buffer.from(etag.replaceAll('"', ''), 'hex'));
  const etag = `"${digest.digest('hex')}-${parts.length}"`;
  const checksum = compositeOf(upload, parts);
  const bytes = Buffer.concat(parts.map((part) => part.bytes));
  const version = addVersion(bucket, call.key, { bytes, etag, headers: upload.headers, checksum });
  bucket.uploads.delete(upload.id);
  const named = [text('Bucket', bucket.name), text('Key', call.key), text('ETag', etag)];
  const reply = xmlReply('CompleteMultipartUploadResult', ...named);
  return { ...reply, headers: { ...reply.headers, ...versionHeader(bucket, version) } };
}

/** The checksum of the parts' checksums, with the number of parts as suffix. */
function compositeOf({ algorithm }: Upload, parts: readonly { readonly checksum: Checksum | null }[]): Checksum | null {
  if (algorithm !== 'sha256') return null;
  const digest = createHash('sha256');
  for (const { checksum } of parts) digest.update(Buffer.from(checksum?.value ?? '', 'base64'));
  return { algorithm, value: `${digest.digest('base64')}-${parts.length}` };
}

export function abortUpload(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  bucket.uploads.delete(uploadOf(bucket, call).id);
  return { status: 204, headers: {}, body: EMPTY };
}

export function listUploads(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  const { query } = call;
  const show = namesOf(call);
  const [prefix, keyMarker, idMarker] = [
    query.get('prefix') ?? '',
    query.get('key-marker'),
    query.get('upload-id-marker'),
  ];
  const began = [...bucket.uploads.values()];
  // Sorting is stable: uploads of one name stay in the order of their start.
  const all = began.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const reached = all.findIndex(({ key, id }) => key === keyMarker && id === idMarker);
  const left = (reached < 0 ? all.filter(({ key }) => isAfter(key, keyMarker)) : all.slice(reached + 1)).filter(
    ({ key }) => key.startsWith(prefix),
  );
  const page = left.slice(0, pageOf(call, 'max-uploads'));
  const last = page.length < left.length ? page.at(-1) : undefined;
  return xmlReply(
    'ListMultipartUploadsResult',
    text('Bucket', bucket.name),
    query.has('encoding-type') ? text('EncodingType', 'url') : '',
    text('IsTruncated', last !== undefined),
    ...(last === undefined ? [] : [text('NextKeyMarker', show(last.key)), text('NextUploadIdMarker', last.id)]),
    ...page.map(({ key, id, at }) =>
      element('Upload', text('Key', show(key)), text('UploadId', id), text('Initiated', at.toISOString())),
    ),
  );
}

export function listParts(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  const upload = uploadOf(bucket, call);
  const marker = Number(call.query.get('part-number-marker') ?? 0);
  const left = [...upload.parts].sort(([a], [b]) => a - b).filter(([number]) => number > marker);
  const page = left.slice(0, pageOf(call, 'max-parts'));
  const more = page.length < left.length;
  const parts = page.map(([number, { etag, bytes, at, checksum }]) =>
    element(
      'Part',
      text('PartNumber', number),
      text('LastModified', at.toISOString()),
      text('ETag', etag),
      text('Size', bytes.length),
      checksum === null ? '' : text(`Checksum${checksum.algorithm.toUpperCase()}`, checksum.value),
    ),
  );
  return xmlReply(
    'ListPartsResult',
    ...[text('Bucket', bucket.name), text('Key', upload.key), text('UploadId', upload.id)],
    text('IsTruncated', more),
    more ? text('NextPartNumberMarker', page.at(-1)?.[0] ?? 0) : '',
    ...parts,
  );
}
