// New buckets for suites over an S3 server.
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { CEPH_CREDENTIALS } from './ceph.ts';
import type { Server } from './process.ts';

/** The Region of the test servers. */
export const REGION = 'us-east-1';

/** A plain client, for changes that bypass the adapter. */
export function rawS3({ url }: Pick<Server, 'url'>): S3Client {
  return new S3Client({ endpoint: url, region: REGION, credentials: CEPH_CREDENTIALS, forcePathStyle: true });
}

let made = 0;

/** The name of a new, empty bucket. */
export async function freshBucket(server: Server, versions: 'versioned' | 'unversioned'): Promise<string> {
  const client = rawS3(server);
  const Bucket = `t${process.pid}-${Date.now()}-${made++}`;
  try {
    await client.send(new CreateBucketCommand({ Bucket }));
    if (versions === 'versioned') {
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
  } finally {
    client.destroy();
  }
  return Bucket;
}
