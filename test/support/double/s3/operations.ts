// The S3 operation of a request's method and address, and the permission it needs.

import type { ServiceCall } from '../call.ts';
import { partitionOf, serviceError } from '../call.ts';
import type { RequiredPermission } from '../iam/policy.ts';

const IGNORED = /^(x-id|X-Amz-.*|prefix|list-type|max-.*|.*-marker|start-after|continuation-token|fetch-owner)$/;
const OF_BUCKET: Readonly<Record<string, string>> = {
  'PUT ': 'CreateBucket',
  'HEAD ': 'HeadBucket',
  'PUT versioning': 'PutBucketVersioning',
  'GET versioning': 'GetBucketVersioning',
  'GET versions': 'ListObjectVersions',
  'GET uploads': 'ListMultipartUploads',
  'POST delete': 'DeleteObjects',
};
const OF_KEY: Readonly<Record<string, string>> = {
  'PUT ': 'PutObject',
  'GET ': 'GetObject',
  'HEAD ': 'HeadObject',
  'DELETE ': 'DeleteObject',
  'GET versionId': 'GetObject',
  'HEAD versionId': 'HeadObject',
  'DELETE versionId': 'DeleteObject',
  'POST uploads': 'CreateMultipartUpload',
  'PUT partNumber uploadId': 'UploadPart',
  'GET uploadId': 'ListParts',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE uploadId': 'AbortMultipartUpload',
};

/** The operation, by S3's name. Throws NotImplemented for operations that the double lacks. */
export function s3Operation(method: string, bucket: string, key: string, query: URLSearchParams): string {
  const subresources = [...query.keys()].filter((name) => !IGNORED.test(name) && name !== 'encoding-type').sort();
  const what = `${method} ${subresources.join(' ')}`;
  if (bucket === '') return notHere(what);
  if (key !== '') return OF_KEY[what] ?? notHere(what);
  if (what === 'GET ') return query.get('list-type') === '2' ? 'ListObjectsV2' : notHere('the old ListObjects');
  return OF_BUCKET[what] ?? notHere(what);
}

function notHere(what: string): never {
  throw serviceError(501, 'NotImplemented', `the double does not speak ${what}`);
}

const ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 's3:GetObject',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListObjectVersions: 's3:ListBucketVersions',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListParts: 's3:ListMultipartUploadParts',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
};

/** The permission that the caller needs; DeleteObjects checks each name separately. */
export function s3Permissions(call: ServiceCall): RequiredPermission[] {
  const { operation, bucket, key, query, headers, region } = call;
  if (operation === 'DeleteObjects') return [];
  const version = query.get('versionId') === null ? '' : 'Version';
  const action = (ACTIONS[operation] ?? `s3:${operation}`).replace(/^s3:(Get|Delete)Object$/, `$&${version}`);
  const prefix = query.get('prefix');
  const [none, match] = [headers['if-none-match'], headers['if-match']];
  const keys = {
    'aws:SecureTransport': ['false'],
    ...(key === '' ? { 's3:prefix': [prefix ?? ''] } : {}),
    ...(typeof none === 'string' ? { 's3:if-none-match': [none] } : {}),
    ...(typeof match === 'string' && action === 's3:PutObject' ? { 's3:if-match': [match] } : {}),
    ...(action === 's3:PutObject'
      ? { 's3:ObjectCreationOperation': [String(/^(PutObject|Complete)/.test(operation))] }
      : {}),
  };
  return [{ action, resource: s3Arn(region, bucket, key), keys }];
}

/** The ARN of a bucket, or of a blob in it. */
export function s3Arn(region: string, bucket: string, key: string): string {
  return `arn:${partitionOf(region)}:s3:::${bucket}${key === '' ? '' : `/${key}`}`;
}
