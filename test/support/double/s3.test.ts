// The double as S3, used by the SDK's client: conditions, ranges, versions, lists, checksums, errors.
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
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
  it('keeps a blob with its type and metadata', async () => {
    const bytes = randomBytes(100_000);
    const made = await put('a/b c+ü&<>"', bytes, { ContentType: 'audio/wav', Metadata: { op: 'nonce' } });
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'a/b c+ü&<>"' }));
    expect(head).toMatchObject({ ContentLength: 100_000, ContentType: 'audio/wav', Metadata: { op: 'nonce' } });
    const got = await get('a/b c+ü&<>"');
    expect(got.bytes.equals(bytes)).toBe(true);
    expect([head.ETag, got.ETag, made.VersionId]).toEqual([made.ETag, made.ETag, undefined]);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'b' }));
    expect(Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([['a/b c+ü&<>"', 100_000]]);
  });

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

  it('with a condition creates only a missing blob, and replaces only the one that matches', async () => {
    const { ETag = '' } = await put('x', 'one', { IfNoneMatch: '*' });
    const failed = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };
    await expect(put('x', 'two', { IfNoneMatch: '*' })).rejects.toMatchObject(failed);
    await expect(put('x', 'two', { IfMatch: '"other"' })).rejects.toMatchObject(failed);
    await put('x', 'three', { IfMatch: ETag });
    expect(String((await get('x')).bytes)).toBe('three');
    await expect(put('y', 'two', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(get('x', { IfMatch: ETag })).rejects.toMatchObject(failed);
  });

  it('lets one of sixteen concurrent writes win', async () => {
    const puts = Array.from({ length: 16 }, () => put('race', randomBytes(10_000), { IfNoneMatch: '*' }));
    const won = (await Promise.allSettled(puts)).filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=5-', 5, 100],
    ['bytes=-7', 93, 100],
    ['bytes=90-500', 90, 100],
  ])('sends the range %s', async (Range, start, end) => {
    const bytes = randomBytes(100);
    await put('x', bytes);
    const got = await get('x', { Range });
    expect(got.bytes).toEqual(bytes.subarray(start, end));
    expect([got.$metadata.httpStatusCode, got.ContentRange]).toEqual([206, `bytes ${start}-${end - 1}/100`]);
  });

  it('answers a range beyond the end with an error', async () => {
    await put('x', 'abc');
    await expect(get('x', { Range: 'bytes=3-9' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('reports a missing blob and a missing bucket by different errors', async () => {
    await expect(get('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const head = s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'nothing' }));
    await expect(head).rejects.toMatchObject({ name: 'NotFound' });
    const elsewhere = s3.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'x' }));
    await expect(elsewhere).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('reports its buckets and their Regions', async () => {
    const cn = s3At(double, { region: 'cn-north-1' });
    const CreateBucketConfiguration = { LocationConstraint: 'cn-north-1' } as const;
    await cn.send(new CreateBucketCommand({ Bucket: 'c', CreateBucketConfiguration }));
    expect((await cn.send(new GetBucketLocationCommand({ Bucket: 'c' }))).LocationConstraint).toBe('cn-north-1');
    expect((await cn.send(new HeadBucketCommand({ Bucket: 'c' }))).BucketRegion).toBe('cn-north-1');
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(['b', 'c']);
    const redirected = { name: 'PermanentRedirect' };
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'c' }))).rejects.toMatchObject(redirected);
    const again = s3.send(new CreateBucketCommand({ Bucket: 'b' }));
    await expect(again).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    cn.destroy();
  });

  it('lists page by page, by prefix and delimiter', async () => {
    for (const key of ['l/a', 'l/b/1', 'l/b/2', 'l/c', 'm']) await put(key, key);
    await double.set({ pageSize: 2 });
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: 'b',
          Prefix: 'l/',
          EncodingType: 'url',
          ...(ContinuationToken && { ContinuationToken }),
        }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      expect(page.KeyCount).toBe(2);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(keys).toEqual(['l/a', 'l/b/1', 'l/b/2', 'l/c']);
    await double.set({ pageSize: 1000 });
    const { Contents, CommonPrefixes } = await s3.send(
      new ListObjectsV2Command({ Bucket: 'b', Prefix: 'l/', Delimiter: '/' }),
    );
    expect(Contents?.map(({ Key }) => Key)).toEqual(['l/a', 'l/c']);
    expect(CommonPrefixes).toEqual([{ Prefix: 'l/b/' }]);
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
    await double.set({ pageSize: 2 });
    const found: (string | undefined)[] = [];
    let page = await s3.send(new ListObjectVersionsCommand({ Bucket: 'b', Prefix: 'x' }));
    expect(page.Versions?.map(({ IsLatest }) => IsLatest)).toEqual([true]);
    expect(page.DeleteMarkers).toHaveLength(1);
    for (;;) {
      found.push(...[...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ VersionId }) => VersionId));
      if (!page.IsTruncated) break;
      page = await s3.send(
        new ListObjectVersionsCommand({
          Bucket: 'b',
          KeyMarker: page.NextKeyMarker,
          VersionIdMarker: page.NextVersionIdMarker,
        }),
      );
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
