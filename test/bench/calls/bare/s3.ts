// Blobs of the bare minimum in S3.
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Blobs } from './blobs.ts';

/** Where the blobs of a tenant are; the credentials are those of the environment. */
export type S3Place = {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before each path; it ends with a slash unless it is empty. */
  readonly prefix: string;
};

/** Opens the place. */
export function openS3Blobs({ endpoint, region, bucket: Bucket, prefix }: S3Place): Blobs {
  const client = new S3Client({
    ...{ endpoint, region, forcePathStyle: true, expectContinueHeader: false },
    // The signature covers the body's SHA-256, and the seal what is read.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    put: async (path, _op, Body) => {
      await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}${path}`, Body, IfNoneMatch: '*' }));
    },
    read: async function* (path, start, end) {
      const range = { Bucket, Key: `${prefix}${path}`, Range: `bytes=${start}-${end - 1}` };
      const { Body } = await client.send(new GetObjectCommand(range));
      if (!(Body instanceof Readable)) throw new Error('the reply has no body');
      yield* Body as AsyncIterable<Buffer>;
    },
  };
}
