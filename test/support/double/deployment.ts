// A deployment over a double: S3 and KMS in the double, rows in SQLite, and policy templates for its callers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { StoreLocation } from '../../../src/model/tenant.ts';
import { type Deployment, newDeployment } from '../fault-deployment.ts';
import { doublePlace, REGION } from './adapters.ts';
import { s3At } from './clients.ts';
import type { Double } from './double.ts';
import type { PolicyDocument } from './iam/policy.ts';

const TEMPLATES = join(import.meta.dirname, '../../../docs/operations/iam');

/** Paths and environment over the double; adapters in this process act as `caller`. */
export async function doubleDeployment(
  double: Double,
  caller: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<{ readonly deployment: Deployment; readonly place: StoreLocation }> {
  const place = await doublePlace(double, 'versioned', 'vaults/one');
  const env = {
    AWS_REGION: REGION,
    CALLVAULT_STORE: `s3://${place.bucket}/${place.prefix}`,
    CALLVAULT_S3_ENDPOINT: double.url,
    CALLVAULT_KEYS: 'kms:',
    CALLVAULT_KMS_ENDPOINT: double.url,
    CALLVAULT_OPERATOR: 'op-1',
    ...asCaller(caller),
    ...extra,
  };
  actAsCaller(caller);
  return { deployment: await newDeployment(env), place };
}

/** The variables that make the SDK act as this caller. */
export function asCaller(caller: string): Readonly<Record<string, string>> {
  return { AWS_ACCESS_KEY_ID: caller, AWS_SECRET_ACCESS_KEY: 'secret', AWS_EC2_METADATA_DISABLED: 'true' };
}

/** Makes clients that this process creates from now on act as another caller. */
export function actAsCaller(caller: string): void {
  Object.assign(process.env, asCaller(caller));
}

/** A template of docs/operations/iam, filled in for a location. */
export function policyTemplate(name: string, place: StoreLocation, partition = 'aws', region = REGION): PolicyDocument {
  return fillPolicy(readFileSync(join(TEMPLATES, `${name}.json`), 'utf8'), place, partition, region);
}

/** The text of a policy, filled in for a location. */
export function fillPolicy(
  policy: string,
  { bucket, prefix }: StoreLocation,
  partition = 'aws',
  region = REGION,
): PolicyDocument {
  const text = policy
    .replaceAll('arn:aws:', `arn:${partition}:`)
    .replaceAll('BUCKET/PREFIX/', `${bucket}/${prefix}/`)
    .replaceAll('BUCKET', bucket)
    .replaceAll('REGION', region)
    .replaceAll('ACCOUNT', '111122223333');
  return JSON.parse(text) as PolicyDocument;
}

/** Everything in the bucket: names of all versions of blobs, of delete markers, and of open uploads. */
export async function everythingIn(double: Double, { bucket: Bucket }: StoreLocation): Promise<string[]> {
  const s3 = s3At(double);
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  s3.destroy();
  return [...Versions, ...DeleteMarkers, ...Uploads].map(({ Key }) => Key ?? '').sort();
}
