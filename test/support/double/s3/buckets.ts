// Operations on buckets.
import { type Reply, type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import { type Bucket, bucketOf } from './bucket.ts';
import { requestXml, text, textIn, xmlReply } from './xml.ts';

const DEFAULT_REGION = 'us-east-1';

export function createBucket(world: DoubleState, { bucket: name, region }: ServiceCall, body: Buffer): Reply {
  const constraint =
    body.length === 0 ? null : textIn(requestXml(body, 'CreateBucketConfiguration'), 'LocationConstraint');
  if ((constraint ?? DEFAULT_REGION) !== region) {
    const message = `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint.`;
    throw serviceError(400, 'IllegalLocationConstraintException', message);
  }
  if (world.buckets.has(name)) {
    throw serviceError(409, 'BucketAlreadyOwnedByYou', 'Your previous request to create the named bucket succeeded.');
  }
  world.buckets.set(name, { name, region, versioning: 'off', objects: new Map(), uploads: new Map() });
  return { status: 200, headers: { location: `/${name}` }, body: Buffer.alloc(0) };
}

export function headBucket(world: DoubleState, call: ServiceCall): Reply {
  const { region } = bucketOf(world, call);
  return { status: 200, headers: { 'x-amz-bucket-region': region }, body: Buffer.alloc(0) };
}

export function putBucketVersioning(world: DoubleState, call: ServiceCall, body: Buffer): Reply {
  const bucket = bucketOf(world, call);
  const status = textIn(requestXml(body, 'VersioningConfiguration'), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw serviceError(400, 'MalformedXML', 'no such status');
  bucket.versioning = status;
  return { status: 200, headers: {}, body: Buffer.alloc(0) };
}

export function getBucketVersioning(world: DoubleState, call: ServiceCall): Reply {
  const { versioning }: Bucket = bucketOf(world, call);
  return xmlReply('VersioningConfiguration', versioning === 'off' ? '' : text('Status', versioning));
}
