// The double's multipart uploads, used by the SDK's client.
import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { s3At } from './clients.ts';
import { type Double, startDouble } from './double.ts';

const MIB = 1024 * 1024;
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

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');
const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket: 'b', Key, ChecksumMode: 'ENABLED' }));

describe('the double’s multipart uploads', () => {
  it('creates a blob of the named parts, and only of stored ones', async () => {
    const bodies = [randomBytes(5 * MIB), randomBytes(5 * MIB), randomBytes(10)] as const;
    const where = { Bucket: 'b', Key: 'multi' };
    const begun = { ...where, ChecksumAlgorithm: 'SHA256', Metadata: { op: 'nonce' } } as const;
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(begun));
    const at = { ...where, UploadId };
    const part = (n: number, Body: Buffer, ChecksumAlgorithm: 'SHA256' | 'CRC32' = 'SHA256') =>
      s3.send(new UploadPartCommand({ ...at, PartNumber: n, Body, ChecksumAlgorithm }));
    await expect(part(1, bodies[2], 'CRC32')).rejects.toMatchObject({ name: 'InvalidRequest' });
    await part(1, bodies[2]);
    const sent = [await part(1, bodies[0]), await part(2, bodies[1]), await part(3, bodies[2])];
    const Parts = sent.map(({ ETag, ChecksumSHA256 }, n) => ({ PartNumber: n + 1, ETag, ChecksumSHA256 }));
    const complete = (parts: typeof Parts, more = {}) =>
      s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts: parts }, ...more }));
    await double.set({ pageSize: 2 });
    const page = await s3.send(new ListPartsCommand(at));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
    expect(page.Parts?.map(({ Size }) => Size)).toEqual([5 * MIB, 5 * MIB]);
    const rest = await s3.send(new ListPartsCommand({ ...at, PartNumberMarker: page.NextPartNumberMarker }));
    expect(rest.Parts?.map(({ PartNumber, ChecksumSHA256 }) => [PartNumber, ChecksumSHA256])).toEqual([
      [3, sha256(bodies[2])],
    ]);
    const refused = (parts: object[], name: string) =>
      expect(complete(parts as typeof Parts)).rejects.toMatchObject({ name });
    await refused(Parts.toReversed(), 'InvalidPartOrder');
    await refused([...Parts, { ...Parts[2], PartNumber: 4 }], 'InvalidPart');
    await refused([{ ...Parts[0], ETag: '"other"' }], 'InvalidPart');
    await refused([{ ...Parts[0], ChecksumSHA256: Parts[1]?.ChecksumSHA256 }], 'InvalidPart');
    await refused([{ PartNumber: 1, ETag: Parts[0]?.ETag }], 'InvalidRequest');
    await refused([{ ...Parts[2] }, { ...Parts[2], PartNumber: 4 }], 'InvalidPart');
    await expect(get('multi')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await complete(Parts, { IfNoneMatch: '*' });
    const got = await get('multi');
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat(bodies))).toBe(true);
    expect([got.Metadata?.['op'], got.ChecksumType]).toEqual(['nonce', 'COMPOSITE']);
    expect([got.ETag, got.ChecksumSHA256]).toEqual([expect.stringMatching(/-3"$/), expect.stringMatching(/-3$/)]);
    await expect(complete(Parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('rejects small parts before the last, and a conditional completion of an existing name', async () => {
    const where = { Bucket: 'b', Key: 'taken' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(where));
    const at = { ...where, UploadId };
    const sent = [1, 2].map((PartNumber) => s3.send(new UploadPartCommand({ ...at, PartNumber, Body: 'small' })));
    const Parts = (await Promise.all(sent)).map(({ ETag }, n) => ({ PartNumber: n + 1, ETag }));
    const complete = (parts: typeof Parts) =>
      s3.send(new CompleteMultipartUploadCommand({ ...at, IfNoneMatch: '*', MultipartUpload: { Parts: parts } }));
    await expect(complete(Parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await s3.send(new PutObjectCommand({ ...where, Body: 'first' }));
    await expect(complete(Parts.slice(0, 1))).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('lists uploads page by page, without the aborted one', async () => {
    await double.set({ pageSize: 2 });
    const begin = async (Key: string) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: 'b', Key }));
      return { Key, UploadId };
    };
    const begun = [await begin('u/a'), await begin('u/b'), await begin('u/b'), await begin('u/c'), await begin('v')];
    const all: { Key: string | undefined; UploadId: string | undefined }[] = [];
    let page = await s3.send(new ListMultipartUploadsCommand({ Bucket: 'b', Prefix: 'u/' }));
    for (;;) {
      all.push(...(page.Uploads ?? []).map(({ Key, UploadId }) => ({ Key, UploadId })));
      if (!page.IsTruncated) break;
      const markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      page = await s3.send(new ListMultipartUploadsCommand({ Bucket: 'b', Prefix: 'u/', ...markers }));
    }
    expect(all).toEqual(begun.slice(0, 4));
    const abort = () =>
      s3.send(new AbortMultipartUploadCommand({ Bucket: 'b', Key: 'u/a', UploadId: begun[0]?.UploadId }));
    await abort();
    await expect(abort()).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});
