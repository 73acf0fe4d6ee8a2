// Leaving from S3 and KMS: the Python page opens a three-part recording with boto3 only.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { encodeEnvelope, envelopePath } from '../../src/envelope/envelope.ts';
import { sealFacts } from '../../src/envelope/facts.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { headsOf, objectKey, objectPath } from '../../src/envelope/object.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { partCount, sealedObjectSize } from '../../src/envelope/sizes.ts';
import { encodeTenant, tenantPath } from '../../src/envelope/tenant-blob.ts';
import { needs } from '../support/needs.ts';
import { CEPH_CREDENTIALS } from '../support/servers/ceph.ts';
import { serverOf } from '../support/servers/servers.ts';
import { sealStream } from '../support/stored-entries.ts';
import { bodyOf, wavOf } from '../support/vault.ts';

const NEEDS = [needs('python-cryptography'), needs('ceph'), needs('moto')];
const absent = NEEDS.filter(({ present }) => !present).map(({ reason }) => reason);

const BUCKET = 'leaving';
const PREFIX = 'vaults/one';
const REGION = 'eu-west-1';

describe.skipIf(absent.length > 0)(`leaving S3 and KMS by docs/leave.py ${absent.join(', ')}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-leave-'));
  const wav = wavOf(20_000_000);
  const sha256 = createHash('sha256').update(wav).digest('hex');
  const identity = { tenant: newId('ten'), recording: newId('rec'), deposit: newId('dep'), name: 'audio' };
  const envelope = envelopePath(identity.tenant, identity.recording, identity.deposit);
  let keyId: string;
  let written: Buffer;
  let endpoints: string[];
  let s3: S3Client;

  const put = (name: string, bytes: Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${PREFIX}/${name}`, Body: bytes }));

  /** The audio as the vault stores it: each part of the object is a part of the upload. */
  async function upload(key: SecretKey): Promise<Buffer> {
    const where = { Bucket: BUCKET, Key: `${PREFIX}/${objectPath(identity)}` };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(where));
    const headers: Buffer[] = [];
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for await (const { number, sealed, header } of sealObject(bodyOf(wav).bytes, key, identity)) {
      const part = { PartNumber: number + 1, Body: sealed, ContentLength: sealed.length };
      const { ETag } = await s3.send(new UploadPartCommand({ ...where, UploadId, ...part }));
      headers.push(header);
      parts.push({ PartNumber: number + 1, ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts: parts } }));
    expect(parts.length).toBe(3);
    return headsOf(headers);
  }

  /** tenant.json with its key from KMS, and the recording's entries. */
  async function putTenant(kms: KMSClient): Promise<void> {
    const { tenant, recording } = identity;
    const EncryptionContext = keyContext({ use: 'metadata', tenant, wrap: 2 });
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext }));
    if (made.Plaintext === undefined || made.CiphertextBlob === undefined) throw new Error('no metadata key');
    const metadataKey = new SecretKey(made.Plaintext);
    const key = { scheme: 'kms', id: keyId, wrap: 2, wrapped: made.CiphertextBlob } as const;
    await put(tenantPath(tenant), encodeTenant({ tenant, created: '2026-11-25T08:00:00.000Z', key }, metadataKey));
    const entries = sealStream(metadataKey, tenant, recording, [{ op: 'facts', set: { agent: 'amended' } }]);
    for (const { path, bytes } of entries) await put(path, bytes);
  }

  beforeAll(async () => {
    const [ceph, moto] = [await serverOf('ceph'), await serverOf('moto')];
    endpoints = ['--endpoint', ceph.url, '--kms-endpoint', moto.url];
    const credentials = CEPH_CREDENTIALS;
    s3 = new S3Client({ endpoint: ceph.url, region: 'us-east-1', credentials, forcePathStyle: true });
    const kms = new KMSClient({ endpoint: moto.url, region: REGION, credentials });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    keyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    const { tenant, recording, deposit } = identity;
    const EncryptionContext = keyContext({ use: 'object', tenant, recording, deposit, wrap: 2 });
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: 'AES_256', EncryptionContext }));
    if (made.Plaintext === undefined || made.CiphertextBlob === undefined) throw new Error('no data key');
    const dataKey = new SecretKey(made.Plaintext);
    const heads = await upload(objectKey(dataKey, 'audio'));
    const size = wav.length;
    const object = { name: 'audio', type: 'audio/wav', size, sealed: sealedObjectSize(size), parts: partCount(size) };
    const facts = sealFacts(dataKey, identity, {
      v: 1,
      source: 'pbx',
      call_id: 'from S3',
      leg: '0',
      sha256: { audio: sha256 },
    });
    const key = { scheme: 'kms', id: keyId, wrap: 2, wrapped: made.CiphertextBlob } as const;
    const head = { tenant, recording, deposit, created: '2026-11-25T09:00:00.000Z', key };
    written = encodeEnvelope({ ...head, objects: [{ ...object, heads }], facts }, dataKey);
    await put(envelope, written);
    await putTenant(kms);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const python = (...args: string[]) =>
    spawnSync('/usr/bin/python3', ['docs/leave.py', '--s3', `s3://${BUCKET}/${PREFIX}`, ...endpoints, ...args], {
      encoding: 'utf8',
      env: {
        AWS_ACCESS_KEY_ID: CEPH_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CEPH_CREDENTIALS.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: join(folder, 'none'),
        AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      },
    });
  const leave = (out: string, ...more: string[]) =>
    python('--envelope', envelope, '--object', 'audio', '--out', out, '--accept-key', keyId, ...more);

  it('lists the envelopes of the tenant', () => {
    expect(python('--list', identity.tenant)).toMatchObject({ status: 0, stderr: '', stdout: `${envelope}\n` });
    const none = 'leave: the store has no envelope of this tenant\n';
    expect(python('--list', newId('ten'))).toMatchObject({ status: 1, stderr: none, stdout: '' });
    expect(python('--list', '..')).toMatchObject({ status: 1, stdout: '' });
  });

  it('gets the audio byte for byte, and the facts', () => {
    const out = join(folder, 'out.wav');
    const { status, stdout, stderr } = leave(out, '--facts', '--minimum-wrap', '2');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(out).equals(wav)).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({ call_id: 'from S3', agent: 'amended', sha256: { audio: sha256 } });
  });

  it('rejects an untrusted key, and a generation below the minimum', () => {
    const out = join(folder, 'refused.wav');
    const named = ['--envelope', envelope, '--object', 'audio', '--out', out];
    expect(python(...named, '--accept-key', `${keyId}x`)).toMatchObject({ status: 1, stdout: '' });
    expect(python(...named)).toMatchObject({ status: 1, stdout: '' });
    expect(leave(out, '--minimum-wrap', '3').stderr).toContain('below the minimum');
    expect(existsSync(out)).toBe(false);
  });

  it('rejects an envelope moved to another recording: KMS does not open the key in that context', async () => {
    const recording = newId('rec');
    const moved = envelopePath(identity.tenant, recording, identity.deposit);
    await put(moved, Buffer.from(written.toString().replaceAll(identity.recording, recording)));
    const out = join(folder, 'moved.wav');
    const asked = python('--envelope', moved, '--object', 'audio', '--out', out, '--accept-key', keyId);
    expect(asked.status).toBe(1);
    expect(asked.stderr).toContain('InvalidCiphertextException');
    expect(existsSync(out)).toBe(false);
  });

  it('rejects a missing object, and one with a byte less', async () => {
    const name = objectPath(identity);
    const where = { Bucket: BUCKET, Key: `${PREFIX}/${name}` };
    const stored = await s3.send(new GetObjectCommand(where));
    const bytes = Buffer.from((await stored.Body?.transformToByteArray()) ?? []);
    const out = join(folder, 'short.wav');
    await put(name, bytes.subarray(0, -1));
    expect(leave(out)).toMatchObject({ status: 1, stderr: expect.stringContaining('too short') });
    await s3.send(new DeleteObjectCommand(where));
    expect(leave(out)).toMatchObject({ status: 1, stderr: expect.stringContaining('NoSuchKey') });
    expect(existsSync(out)).toBe(false);
  });
});
