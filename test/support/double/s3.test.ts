// The double as S3, used by the SDK's client, beyond the contract of an object store, which runs over the double too:
// checksums, Regions, versions, operations that it lacks.
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { s3At } from './clients.ts';
import { type Double, startDouble } from './double.ts';

let double: Double;
let s3: S3Client;

beforeAll(async () => {
  double = await startDouble();
  s3 = s3At(double);
});
afterAll(async () => {
  s3.destroy();
  await double.close();
});
beforeEach(async () => {
  await double.reset();
  await s3.send(new CreateBucketCommand({ Bucket: 'b' }));
});

const put = (
  Key: string,
  Body: NonNullable<PutObjectCommandInput['Body']>,
  more: Partial<PutObjectCommandInput> = {},
) => s3.send(new PutObjectCommand({ Bucket: 'b', Key, Body, ...more }));
const get = async (Key: string, more: Partial<GetObjectCommandInput> = {}) => {
  const reply = await s3.send(new GetObjectCommand({ Bucket: 'b', Key, ...more }));
  return { ...reply, bytes: Buffer.from((await reply.Body?.transformToByteArray()) ?? []) };
};
const versioned = () =>
  s3.send(new PutBucketVersioningCommand({ Bucket: 'b', VersioningConfiguration: { Status: 'Enabled' } }));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');

describe('the double as S3', () => {
  it.each([
    ['three pieces', 3 * 70_000],
    ['nothing', 0],
  ])('removes the SDK’s chunk framing from a stream of %s', async (_, size) => {
    const bytes = randomBytes(size);
    const stream = Readable.from(
      [bytes.subarray(0, 70_000), bytes.subarray(70_000)].filter(({ length }) => length > 0),
    );
    await put('stream', stream, { ContentLength: size, ChecksumAlgorithm: 'SHA256' });
    const { bytes: got, ChecksumSHA256 } = await get('stream', { ChecksumMode: 'ENABLED' });
    expect(got.equals(bytes)).toBe(true);
    expect(ChecksumSHA256).toBe(sha256(bytes));
  });

  it('rejects bytes that do not match the checksum', async () => {
    const wrong = { ChecksumSHA256: sha256(Buffer.from('others')) };
    await expect(put('x', Buffer.from('these'), wrong)).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(get('x')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('redirects from another Region than the bucket’s', async () => {
    const cn = s3At(double, { region: 'cn-north-1' });
    const CreateBucketConfiguration = { LocationConstraint: 'cn-north-1' } as const;
    await cn.send(new CreateBucketCommand({ Bucket: 'c', CreateBucketConfiguration }));
    expect((await cn.send(new HeadBucketCommand({ Bucket: 'c' }))).BucketRegion).toBe('cn-north-1');
    const redirected = { name: 'PermanentRedirect' };
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'c' }))).rejects.toMatchObject(redirected);
    const again = s3.send(new CreateBucketCommand({ Bucket: 'b' }));
    await expect(again).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    cn.destroy();
  });

  it('keeps versions in a versioned bucket, and deletes each by its id', async () => {
    await versioned();
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: 'b' }))).Status).toBe('Enabled');
    const one = (await put('x', 'one')).VersionId ?? '';
    const two = (await put('x', 'two')).VersionId ?? '';
    expect(String((await get('x', { VersionId: one })).bytes)).toBe('one');
    expect(await s3.send(new DeleteObjectCommand({ Bucket: 'b', Key: 'x' }))).toMatchObject({ DeleteMarker: true });
    await expect(get('x')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await put('x', 'three', { IfNoneMatch: '*' });
    const found: (string | undefined)[] = [];
    const list = { Bucket: 'b', MaxKeys: 2 };
    let page = await s3.send(new ListObjectVersionsCommand({ ...list, Prefix: 'x' }));
    expect(page.Versions?.map(({ IsLatest }) => IsLatest)).toEqual([true]);
    expect(page.DeleteMarkers).toHaveLength(1);
    for (;;) {
      found.push(...[...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ VersionId }) => VersionId));
      if (!page.IsTruncated) break;
      const markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      page = await s3.send(new ListObjectVersionsCommand({ ...list, ...markers }));
    }
    expect(found).toHaveLength(4);
    expect(found.slice(2)).toEqual([two, one]);
    const Objects = found.map((VersionId) => ({ Key: 'x', VersionId }));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects } }));
    expect([Deleted?.length, Errors]).toEqual([4, undefined]);
    const left = await s3.send(new ListObjectVersionsCommand({ Bucket: 'b' }));
    expect([left.Versions, left.DeleteMarkers]).toEqual([undefined, undefined]);
    await s3.send(new DeleteObjectCommand({ Bucket: 'b', Key: 'x', VersionId: one }));
  });

  it('answers unsupported operations with NotImplemented', async () => {
    const copy = new PutObjectCommand({ Bucket: 'b', Key: 'x', Body: 'y', ACL: 'private' });
    copy.middlewareStack.add(
      (next) => (args) => {
        (args.request as { query: Record<string, string> }).query['acl'] = '';
        return next(args);
      },
      { step: 'build' },
    );
    await expect(s3.send(copy)).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});
