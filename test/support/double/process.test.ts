// The double in a separate process: it outlives the client's process, and ends on command.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CreateKeyCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kmsAt, s3At } from './clients.ts';
import { type Double, forkDouble } from './double.ts';

let double: Double;

beforeAll(async () => {
  double = await forkDouble();
});
afterAll(() => double.close());

/** Puts a blob and kills itself before it gets the reply. */
const KILLED = `
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
const credentials = { accessKeyId: 'KILLED', secretAccessKey: 'secret' };
const s3 = new S3Client({ endpoint: process.argv[1], region: 'us-east-1', credentials, forcePathStyle: true });
await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'x', Body: 'written' }));
process.kill(process.pid, 'SIGKILL');
`;

describe('a double in a separate process', () => {
  it('keeps the blob of a process that was killed', async () => {
    const s3 = s3At(double);
    await s3.send(new CreateBucketCommand({ Bucket: 'b' }));
    const killed = promisify(execFile)(process.execPath, ['--input-type=module', '-e', KILLED, double.url]);
    await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'x' }));
    expect(await Body?.transformToString()).toBe('written');
    expect(await double.calls('PutObject')).toMatchObject([{ caller: 'KILLED', bucket: 'b', key: 'x', status: 200 }]);
    s3.destroy();
  });

  it('returns its data keys and accepts faults as a double in the same process does', async () => {
    const kms = kmsAt(double);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await double.fault({ kind: 'hang-up', when: 'after', operation: 'GenerateDataKey', times: 1 });
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: KeyMetadata?.Arn, KeySpec: 'AES_256' }));
    const keys = await double.dataKeys();
    expect(keys.map(({ bytes }) => bytes.length)).toEqual([32, 32]);
    expect(keys.at(-1)?.bytes).toEqual(Buffer.from(made.Plaintext ?? []));
    kms.destroy();
  });

  it('ends with its owner', async () => {
    const other = await forkDouble();
    await fetch(`${other.url}/_double/calls`, { method: 'POST', body: 'null' });
    await other.close();
    await expect(fetch(other.url)).rejects.toThrow();
  });
});
