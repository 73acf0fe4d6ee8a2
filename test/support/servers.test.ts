// The servers of the suites: they start, answer, and are the expected programs.

import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { needs } from './needs.ts';
import { CEPH_CREDENTIALS } from './servers/ceph.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';

describe('a server for tests', () => {
  const ceph = needs('ceph');
  it.skipIf(!ceph.present)(`Ceph RGW ${ceph.reason}`, async () => {
    const { url } = await serverOf('ceph');
    const s3 = new S3Client({
      endpoint: url,
      region: 'us-east-1',
      credentials: CEPH_CREDENTIALS,
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'hello' }));
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toContain('hello');
  });

  const moto = needs('moto');
  it.skipIf(!moto.present)(`moto ${moto.reason}`, async () => {
    const { url } = await serverOf('moto');
    const kms = new KMSClient({ endpoint: url, region: 'us-east-1', credentials: CEPH_CREDENTIALS });
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const described = await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(described.KeyMetadata?.KeyState).toBe('Enabled');
  });

  const postgresql = needs('postgresql');
  it.skipIf(!postgresql.present)(`PostgreSQL ${postgresql.reason}`, async () => {
    const client = new pg.Client({ connectionString: await freshDatabase(await serverOf('postgresql')) });
    await client.connect();
    expect((await client.query('show fsync')).rows).toEqual([{ fsync: 'on' }]);
    await client.end();
  });
});
