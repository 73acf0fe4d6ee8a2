// localstack/: the compose file is linted, and its script creates bucket and key, twice, on Ceph RGW and moto.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeKeyCommand, GetKeyRotationStatusCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { composeFile } from '../support/compose-file.ts';
import { needs } from '../support/needs.ts';
import { CEPH_CREDENTIALS } from '../support/servers/ceph.ts';
import { serverOf } from '../support/servers/servers.ts';
import { TOP, textOf } from './documents.ts';

const SCRIPT = join(TOP, 'localstack/init/10-callvault.sh');

const compose = needs('docker-compose');

describe.skipIf(!compose.present)(`localstack/compose.yaml ${compose.reason}`, () => {
  it('pins an image that needs no account, on loopback, with nothing but S3 and KMS', () => {
    const { localstack } = composeFile('localstack/compose.yaml', {}).services;
    expect(localstack?.image).toMatch(/^localstack\/localstack:4\.\d+\.\d+$/);
    expect(localstack?.environment).toMatchObject({ SERVICES: 's3,kms' });
    expect(JSON.stringify(localstack)).not.toContain('AUTH_TOKEN');
    expect(localstack?.ports).toMatchObject([{ host_ip: '127.0.0.1', published: '4566' }]);
    expect(localstack?.healthcheck?.test.join(' ')).toContain('/_localstack/init/ready');
    expect(localstack?.volumes).toMatchObject([
      { source: join(TOP, 'localstack/init'), target: '/etc/localstack/init/ready.d' },
    ]);
  });
});

describe('localstack/.env.example', () => {
  it('has a line for every variable of the configuration', () => {
    const read = [...textOf('src/config.ts').matchAll(/^ {2}(CALLVAULT_[A-Z0-9_]+):/gm)].map(([, name]) => name);
    const listed = new Set(
      [...textOf('localstack/.env.example').matchAll(/^#? ?([A-Z0-9_]+)=/gm)].map(([, name]) => name),
    );
    expect(read.length).toBeGreaterThan(5);
    expect(read.filter((name) => !listed.has(name))).toEqual([]);
  });
});

const NEEDS = [needs('awscli'), needs('ceph'), needs('moto')];
const absent = NEEDS.filter(({ present }) => !present).map(({ reason }) => reason);

describe.skipIf(absent.length > 0)(`localstack/init ${absent.join(', ')}`, () => {
  const bucket = 'made-by-script';
  const alias = 'alias/customer/made-by-script';
  const region = 'us-east-1';
  let s3: S3Client;
  let kms: KMSClient;
  let outputs: string[];

  /** The script's keys: other suites create keys at the same time. */
  async function keysOfTheScript(): Promise<number> {
    const { Keys = [] } = await kms.send(new ListKeysCommand({ Limit: 1000 }));
    const described = await Promise.all(Keys.map(({ KeyId }) => kms.send(new DescribeKeyCommand({ KeyId }))));
    return described.filter(({ KeyMetadata }) => KeyMetadata?.Description?.endsWith('for a tenant to register')).length;
  }

  beforeAll(async () => {
    const [ceph, moto] = [await serverOf('ceph'), await serverOf('moto')];
    const credentials = CEPH_CREDENTIALS;
    s3 = new S3Client({ endpoint: ceph.url, region, credentials, forcePathStyle: true });
    kms = new KMSClient({ endpoint: moto.url, region, credentials });
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_S3: ceph.url,
      AWS_ENDPOINT_URL_KMS: moto.url,
      CALLVAULT_BUCKET: bucket,
      CALLVAULT_KEY_ALIAS: alias,
    };
    outputs = [1, 2].map(() => {
      const { status, stdout, stderr } = spawnSync('sh', [SCRIPT], { encoding: 'utf8', env });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return stdout;
    });
  });

  it('prints the same each time, and is executable', () => {
    expect(outputs[1]).toBe(outputs[0]);
    expect(JSON.parse(outputs[0] ?? '')).toMatchObject({ bucket, alias, key: expect.stringMatching(/^arn:aws:kms:/) });
    expect(statSync(SCRIPT).mode & 0o111).toBe(0o111);
  });

  it('creates a versioned bucket, in which only forgotten uploads expire', async () => {
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
    expect(Rules?.length).toBe(1);
    expect(Rules?.[0]).toMatchObject({ Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } });
    expect(
      Object.keys(Rules?.[0] ?? {}).filter((name) => name.includes('Expiration') || name.includes('Transition')),
    ).toEqual([]);
  });

  it('sets the bucket policy of docs/operations/iam, without TLS, which allows a conditional write', async () => {
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    const documented = textOf('docs/operations/iam/bucket.json')
      .replaceAll('BUCKET/PREFIX', bucket)
      .replaceAll('BUCKET', bucket);
    const { Statement, ...rest } = JSON.parse(documented) as { Statement: { Sid: string }[] };
    expect(JSON.parse(Policy ?? '')).toEqual({ ...rest, Statement: Statement.filter(({ Sid }) => Sid !== 'TlsOnly') });
    const Key = 't/ten_0/r/rec_0/dep_0/audio';
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'sealed', IfNoneMatch: '*' }));
    const stored = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    expect(await stored.Body?.transformToString()).toBe('sealed');
  });

  it('creates one key, enabled, rotated every year, found by its alias', async () => {
    expect(await keysOfTheScript()).toBe(1);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: alias }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled', Arn: JSON.parse(outputs[0] ?? '').key });
    const { KeyRotationEnabled } = await kms.send(new GetKeyRotationStatusCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(KeyRotationEnabled).toBe(true);
  });
});
