// The faults of the double, and the reactions of the SDK's clients to each.
import { randomBytes } from 'node:crypto';
import { CreateKeyCommand, DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kmsAt, s3At } from './clients.ts';
import { type Double, startDouble } from './double.ts';

const BIG = randomBytes(3_000_000);
let double: Double;
let s3: S3Client;
let once: S3Client;
let kms: KMSClient;

beforeAll(async () => {
  double = await startDouble();
  s3 = s3At(double);
  once = s3At(double, { maxAttempts: 1 });
  kms = kmsAt(double);
});
afterAll(async () => {
  for (const client of [s3, once, kms]) client.destroy();
  await double.close();
});
beforeEach(async () => {
  await double.reset();
  await s3.send(new CreateBucketCommand({ Bucket: 'b' }));
});

const put = (client: S3Client, Key: string, Body: Uint8Array | string = 'body') =>
  client.send(new PutObjectCommand({ Bucket: 'b', Key, Body, IfNoneMatch: '*' }));
const read = async (client: S3Client, Key: string) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};
const isThere = (Key: string) =>
  s3.send(new HeadObjectCommand({ Bucket: 'b', Key })).then(
    () => true,
    () => false,
  );
/** The results of an operation's calls: status, or null if no reply was sent. */
const ends = async (operation: string) => (await double.calls(operation)).map(({ status, effect }) => [status, effect]);

describe('a fault of the double', () => {
  it('throttles the chosen number of calls, which the SDK retries', async () => {
    await double.fault({ kind: 'throttle', operation: 'PutObject', times: 2 });
    await put(s3, 'x', BIG);
    expect(await ends('PutObject')).toEqual([
      [503, false],
      [503, false],
      [200, true],
    ]);
    await double.fault({ kind: 'throttle', operation: 'PutObject', times: null });
    await expect(put(s3, 'y')).rejects.toMatchObject({ name: 'SlowDown', $metadata: { attempts: 3 } });
    await double.clearFaults();
    await put(s3, 'y');
  });

  it.each([
    [{ kind: 'throttle' }, 'ThrottlingException'],
    [{ kind: 'internal' }, 'KMSInternalException'],
    [{ kind: 'error', status: 500, code: 'DependencyTimeoutException' }, 'DependencyTimeoutException'],
  ] as const)('answers a KMS call with %o', async (trouble, name) => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const generate = () => kms.send(new GenerateDataKeyCommand({ KeyId: KeyMetadata?.Arn, KeySpec: 'AES_256' }));
    await double.fault({ ...trouble, operation: 'GenerateDataKey', times: 3 });
    await expect(generate()).rejects.toMatchObject({ name, $metadata: { attempts: 3 } });
    await generate();
    expect(await double.dataKeys()).toHaveLength(1);
  });

  it.each([
    [{ kind: 'internal' }, 'InternalError', 500],
    [{ kind: 'error', status: 409, code: 'ConditionalRequestConflict' }, 'ConditionalRequestConflict', 409],
  ] as const)('answers an S3 call with %o', async (trouble, name, httpStatusCode) => {
    await double.fault({ ...trouble, operation: 'PutObject', times: 1 });
    await expect(put(once, 'x')).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(await isThere('x')).toBe(false);
  });

  it.each([
    ['before', BIG, false],
    ['middle', BIG, false],
    ['after', BIG, true],
    ['before', 'small', false],
    ['middle', 'small', false],
    ['after', 'small', true],
  ] as const)('hangs up %s', async (when, body, effect) => {
    await double.fault({ kind: 'hang-up', when, operation: 'PutObject', times: 1 });
    await expect(put(once, 'x', body)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
    expect(await ends('PutObject')).toEqual([[null, effect]]);
    expect(await isThere('x')).toBe(effect);
  });

  it('loses an acknowledgement, and the SDK’s retry meets its own blob', async () => {
    await double.fault({ kind: 'hang-up', when: 'after', operation: 'PutObject', times: 1 });
    await expect(put(s3, 'x')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await ends('PutObject')).toEqual([
      [null, true],
      [412, false],
    ]);
  });

  it.each(['before', 'after'] as const)('never answers, with the effect %s', async (when) => {
    await double.fault({ kind: 'black-hole', when, operation: 'PutObject', times: null });
    const patient = s3At(double, {
      maxAttempts: 1,
      requestHandler: { requestTimeout: 150, throwOnRequestTimeout: true },
    });
    await expect(put(patient, 'x', BIG)).rejects.toMatchObject({ name: 'TimeoutError' });
    patient.destroy();
    expect(await isThere('x')).toBe(when === 'after');
    expect(await ends('PutObject')).toEqual([[null, when === 'after']]);
  });

  it('ends a body before its announced length', async () => {
    await put(s3, 'x', BIG);
    await double.fault({ kind: 'truncate', bytes: 1_000_000, operation: 'GetObject', times: 1 });
    const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'x' }));
    expect(ContentLength).toBe(BIG.length);
    const got: Buffer[] = [];
    const reading = (async () => {
      for await (const piece of Body as AsyncIterable<Buffer>) got.push(piece);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(Buffer.concat(got).equals(BIG.subarray(0, 1_000_000))).toBe(true);
    expect((await read(s3, 'x')).equals(BIG)).toBe(true);
  });

  it('stalls in the middle of a body until the client’s signal aborts', async () => {
    await put(s3, 'x', BIG);
    const start = performance.now();
    await double.fault({ kind: 'stall', bytes: 1000, operation: 'GetObject', times: 1 });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'x' }), {
      abortSignal: AbortSignal.timeout(300),
    });
    const got: Buffer[] = [];
    const reading = (async () => {
      for await (const piece of Body as AsyncIterable<Buffer>) got.push(piece);
    })();
    await expect(reading).rejects.toThrow('aborted');
    expect(performance.now() - start).toBeGreaterThan(290);
    expect(Buffer.concat(got).equals(BIG.subarray(0, 1000))).toBe(true);
  });

  it('sends a body slowly, and delays a call', async () => {
    await put(s3, 'x', BIG.subarray(0, 10_000));
    const timed = async () => {
      const start = performance.now();
      expect(await read(s3, 'x')).toEqual(BIG.subarray(0, 10_000));
      return performance.now() - start;
    };
    await double.fault({ kind: 'slow', bytesPerSecond: 25_000, operation: 'GetObject', times: 1 });
    expect(await timed()).toBeGreaterThan(350);
    await double.fault({ kind: 'delay', ms: 300, operation: 'GetObject', times: 1 });
    expect(await timed()).toBeGreaterThan(290);
    // Each fault happens only once.
    expect((await double.faults()).map(({ happened }) => happened)).toEqual([1, 1]);
    await timed();
    expect((await double.faults()).map(({ happened }) => happened)).toEqual([1, 1]);
  });

  it('hides an error of CompleteMultipartUpload in a 200, which the SDK finds and retries', async () => {
    const where = { Bucket: 'b', Key: 'x' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(where));
    const { ETag } = await s3.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: 'part' }));
    await double.fault({ kind: 'error-in-200', code: 'InternalError', operation: 'CompleteMultipartUpload', times: 1 });
    const Parts = [{ PartNumber: 1, ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
    expect(await ends('CompleteMultipartUpload')).toEqual([
      [200, false],
      [200, true],
    ]);
  });

  it('affects the calls that match, after those that it skips', async () => {
    await double.fault({ kind: 'internal', operation: '*', times: null, where: { key: 't/*/audio' } });
    await put(once, 't/a/envelope');
    await expect(put(once, 't/a/audio')).rejects.toMatchObject({ name: 'InternalError' });
    await double.clearFaults();
    await double.fault({ kind: 'internal', operation: 'PutObject', times: 1, skip: 2 });
    const outcomes = [];
    for (let n = 0; n < 4; n += 1) outcomes.push((await Promise.allSettled([put(once, `n${n}`)]))[0]?.status);
    expect(outcomes).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await double.faults()).toMatchObject([{ happened: 1 }]);
    await double.fault({ kind: 'internal', operation: 'UploadPart', times: null, where: { part: 2 } });
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: 'b', Key: 'm' }));
    const part = (PartNumber: number) =>
      once.send(new UploadPartCommand({ Bucket: 'b', Key: 'm', UploadId, PartNumber, Body: 'x' }));
    await part(1);
    await expect(part(2)).rejects.toMatchObject({ name: 'InternalError' });
  });

  it('matches a KMS call by context or by key', async () => {
    const [one, other] = [await kms.send(new CreateKeyCommand({})), await kms.send(new CreateKeyCommand({}))];
    const patient = kmsAt(double, { maxAttempts: 1 });
    const generate = (KeyId: string | undefined, use: string) =>
      patient.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: { 'vault:use': use } }));
    const down = { name: 'KMSInternalException' };
    const where = { context: { 'vault:use': 'object' } };
    await double.fault({ kind: 'internal', operation: 'GenerateDataKey', times: null, where });
    const { CiphertextBlob } = await generate(one.KeyMetadata?.Arn, 'metadata');
    await expect(generate(one.KeyMetadata?.Arn, 'object')).rejects.toMatchObject(down);
    await double.clearFaults();
    const keyId = other.KeyMetadata?.Arn ?? '';
    await double.fault({ kind: 'internal', operation: '*', times: null, where: { keyId } });
    await generate(one.KeyMetadata?.Arn, 'object');
    await expect(generate(keyId, 'object')).rejects.toMatchObject(down);
    await double.forgetCalls();
    await patient.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { 'vault:use': 'metadata' } }));
    expect(await double.calls('Decrypt')).toMatchObject([{ context: { 'vault:use': 'metadata' }, status: 200 }]);
    patient.destroy();
  });
});
