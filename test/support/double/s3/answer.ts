// S3's reply to a call: permissions first, then the operation.
import type { Reply, ServiceCall } from '../call.ts';
import { authorize } from '../iam/policy.ts';
import type { DoubleState } from '../state.ts';
import { createBucket, getBucketVersioning, headBucket, putBucketVersioning } from './buckets.ts';
import { deleteObjects } from './delete-many.ts';
import { listObjects, listVersions } from './list.ts';
import { deleteObject, putObject, readObject } from './objects.ts';
import { s3Permissions } from './operations.ts';
import { abortUpload, completeUpload, createUpload, listParts, listUploads, uploadPart } from './uploads.ts';

const OPERATIONS: Readonly<Record<string, (world: DoubleState, call: ServiceCall, body: Buffer) => Reply>> = {
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  PutBucketVersioning: putBucketVersioning,
  GetBucketVersioning: getBucketVersioning,
  ListObjectsV2: listObjects,
  ListObjectVersions: listVersions,
  PutObject: putObject,
  GetObject: readObject,
  HeadObject: readObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  ListMultipartUploads: listUploads,
  ListParts: listParts,
};

/** Executes the operation. Throws S3's errors. */
export function s3Answer(world: DoubleState, call: ServiceCall, body: Buffer): Reply {
  authorize(world, call, s3Permissions(call));
  const operation = OPERATIONS[call.operation];
  if (operation === undefined) throw new Error(`no handler for ${call.operation}`);
  return operation(world, call, body);
}
