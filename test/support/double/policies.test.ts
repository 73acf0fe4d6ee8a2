// Permissions in the double: policies in IAM's JSON, denials for every caller, and keys whose disabling takes time.
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credentialsOf, kmsAt, s3At } from './clients.ts';
import { type Double, startDouble } from './double.ts';
import type { PolicyDocument } from './iam/policy.ts';

let double: Double;
let [s3, ingestS3]: S3Client[] = [];
let [kms, ingestKms]: KMSClient[] = [];
let KeyId: string;

beforeAll(async () => {
  double = await startDouble();
  [s3, ingestS3] = [s3At(double), s3At(double, credentialsOf('INGEST'))];
  [kms, ingestKms] = [kmsAt(double), kmsAt(double, credentialsOf('INGEST'))];
});
afterAll(async () => {
  for (const client of [s3, ingestS3, kms, ingestKms]) client?.destroy();
  await double.close();
});
beforeEach(async () => {
  await double.reset();
  await s3?.send(new CreateBucketCommand({ Bucket: 'b' }));
  KeyId = (await kms?.send(new CreateKeyCommand({})))?.KeyMetadata?.Arn ?? '';
  await double.policy('INGEST', INGEST);
});

const INGEST: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['kms:GenerateDataKey'], Resource: 'arn:aws:kms:*:*:key/*' },
    {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringEquals: { 'kms:EncryptionContext:vault:use': 'metadata' } },
    },
    { Effect: 'Allow', Action: ['s3:PutObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::b/t/*' },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::b',
      Condition: { StringLike: { 's3:prefix': 't/*' } },
    },
  ],
};

const keyDenied = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } };
const blobDenied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
const generate = (client: KMSClient | undefined, use: string) =>
  client?.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: { 'vault:use': use } }));
const decrypt = (client: KMSClient | undefined, CiphertextBlob: Uint8Array | undefined, use: string) =>
  client?.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext: { 'vault:use': use } }));
const put = (client: S3Client | undefined, Key: string) =>
  client?.send(new PutObjectCommand({ Bucket: 'b', Key, Body: 'x' }));

describe('a policy at the double', () => {
  it('lets a caller use a key only under the contexts it names', async () => {
    const object = await generate(ingestKms, 'object');
    const metadata = await generate(ingestKms, 'metadata');
    await decrypt(ingestKms, metadata?.CiphertextBlob, 'metadata');
    await expect(decrypt(ingestKms, object?.CiphertextBlob, 'object')).rejects.toMatchObject({
      ...keyDenied,
      message: `User: arn:aws:iam::111122223333:user/INGEST is not authorized to perform: kms:Decrypt on resource: ${KeyId} because no identity-based policy allows the kms:Decrypt action`,
    });
    await expect(ingestKms?.send(new CreateKeyCommand({}))).rejects.toMatchObject(keyDenied);
    await decrypt(kms, object?.CiphertextBlob, 'object');
  });

  it('lets a caller write only under the named prefix, and hides from a caller without ListBucket what exists', async () => {
    await put(ingestS3, 't/a');
    await expect(put(ingestS3, 'u/a')).rejects.toMatchObject(blobDenied);
    const begin = (Key: string) => ingestS3?.send(new CreateMultipartUploadCommand({ Bucket: 'b', Key }));
    const upload = await begin('t/m');
    const part = { Bucket: 'b', Key: 't/m', UploadId: upload?.UploadId, PartNumber: 1, Body: 'x' };
    await ingestS3?.send(new UploadPartCommand(part));
    await expect(begin('u/m')).rejects.toMatchObject(blobDenied);
    const get = (client: S3Client | undefined, Key: string) => client?.send(new GetObjectCommand({ Bucket: 'b', Key }));
    await expect(get(ingestS3, 't/a')).rejects.toMatchObject(blobDenied);
    await double.policy('INGEST', { Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' } });
    await get(ingestS3, 't/a');
    await expect(get(ingestS3, 'nothing')).rejects.toMatchObject(blobDenied);
    await expect(get(s3, 'nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await double.policy('INGEST', null);
    await expect(get(ingestS3, 'nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('checks the prefix of a list, and each name of a deletion', async () => {
    const list = (Prefix: string) => ingestS3?.send(new ListObjectsV2Command({ Bucket: 'b', Prefix }));
    await list('t/a');
    await expect(list('')).rejects.toMatchObject(blobDenied);
    await put(s3, 't/a');
    await put(s3, 'u/a');
    const Delete = { Objects: [{ Key: 't/a' }, { Key: 'u/a' }] };
    const outcome = await ingestS3?.send(new DeleteObjectsCommand({ Bucket: 'b', Delete }));
    expect(outcome?.Deleted).toEqual([{ Key: 't/a' }]);
    expect(outcome?.Errors).toMatchObject([{ Key: 'u/a', Code: 'AccessDenied' }]);
  });

  it('needs permission for both sides of a re-encryption', async () => {
    const made = await generate(kms, 'object');
    const context = { 'vault:use': 'object' };
    const move = () =>
      ingestKms?.send(
        new ReEncryptCommand({
          ...{ CiphertextBlob: made?.CiphertextBlob, SourceKeyId: KeyId, DestinationKeyId: KeyId },
          ...{ SourceEncryptionContext: context, DestinationEncryptionContext: { 'vault:use': 'other' } },
        }),
      );
    const Condition = { StringEquals: { 'kms:EncryptionContext:vault:use': 'object' } };
    await double.policy('INGEST', {
      Statement: { Effect: 'Allow', Action: 'kms:ReEncrypt*', Resource: '*', Condition },
    });
    await expect(move()).rejects.toMatchObject({ message: expect.stringContaining('kms:ReEncryptTo') });
    await double.policy('INGEST', { Statement: { Effect: 'Allow', Action: 'kms:ReEncrypt*', Resource: '*' } });
    await move();
  });

  it('denies every caller what is denied, under a context or everywhere', async () => {
    const made = await generate(kms, 'object');
    const other = await generate(kms, 'metadata');
    await double.deny({ action: 'kms:Decrypt', context: { 'vault:use': 'object' } }, { action: 's3:Put*' });
    await expect(decrypt(kms, made?.CiphertextBlob, 'object')).rejects.toMatchObject({
      ...keyDenied,
      message: expect.stringContaining('explicit deny'),
    });
    await decrypt(kms, other?.CiphertextBlob, 'metadata');
    await expect(put(s3, 't/a')).rejects.toMatchObject(blobDenied);
    await double.deny();
    await decrypt(kms, made?.CiphertextBlob, 'object');
    await put(s3, 't/a');
  });

  it.each([
    ['an unknown operator', { Effect: 'Allow', Action: '*', Resource: '*', Condition: { DateLessThan: {} } }],
    ['a principal', { Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' }],
    ['no action', { Effect: 'Allow', Resource: '*' }],
  ])('is rejected if it has %s', async (_, statement) => {
    await expect(double.policy('INGEST', { Statement: statement } as PolicyDocument)).rejects.toThrow('set-policy');
  });

  it.each([
    [{ Null: { 'kms:EncryptionContext:vault:use': 'false' } }, true],
    [{ Null: { 'kms:EncryptionContext:vault:use': 'true' } }, false],
    [{ StringNotEquals: { 'kms:EncryptionContext:vault:use': ['object', 'metadata'] } }, false],
    [{ StringNotEquals: { 'kms:EncryptionContext:absent': 'x' } }, true],
    [{ StringEquals: { 'kms:EncryptionContext:absent': 'x' } }, false],
    [{ StringEqualsIfExists: { 'kms:EncryptionContext:absent': 'x' } }, true],
    [{ StringLike: { 'kms:EncryptionContext:vault:use': 'ob?ec*' } }, true],
    [{ StringLike: { 'kms:EncryptionContext:VAULT:use': 'object' } }, false],
    [{ 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['vault:use', 'other'] } }, true],
    [{ 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['other'] } }, false],
    [{ 'ForAnyValue:StringLike': { 'kms:ResourceAliases': 'alias/*' } }, false],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, false],
  ] as const)('with the condition %o allows: %s', async (Condition, allowed) => {
    const statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition };
    await double.policy('INGEST', { Statement: statement } as unknown as PolicyDocument);
    const made = generate(ingestKms, 'object');
    await (allowed ? made : expect(made).rejects.toMatchObject(keyDenied));
  });
});

describe('a key that is disabled', () => {
  const state = async () => (await kms?.send(new DescribeKeyCommand({ KeyId })))?.KeyMetadata?.KeyState;

  it('still works until the change has propagated', async () => {
    await double.set({ propagationMs: null });
    const made = await generate(kms, 'object');
    await kms?.send(new DisableKeyCommand({ KeyId }));
    expect(await state()).toBe('Disabled');
    await decrypt(kms, made?.CiphertextBlob, 'object');
    await double.set({ propagationMs: 0 });
    await expect(decrypt(kms, made?.CiphertextBlob, 'object')).rejects.toMatchObject({ name: 'DisabledException' });
    await double.set({ propagationMs: null });
    await kms?.send(new EnableKeyCommand({ KeyId }));
    expect(await state()).toBe('Enabled');
    await expect(generate(kms, 'object')).rejects.toMatchObject({ name: 'DisabledException' });
  });

  it('stops working after the time of propagation', async () => {
    await double.set({ propagationMs: 2_000 });
    const start = performance.now();
    await kms?.send(new DisableKeyCommand({ KeyId }));
    await generate(kms, 'object');
    const stopped = () =>
      generate(kms, 'object')?.then(
        () => false,
        ({ name }) => name === 'DisabledException',
      );
    while (!(await stopped())) expect(performance.now() - start).toBeLessThan(60_000);
    expect(performance.now() - start).toBeGreaterThan(1_999);
  });
});
