// The AWS SDK's clients, pointed at a double.
import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

type At = { readonly url: string };

const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' } as const;

/** S3 in us-east-1 as `AKIATEST` by default. */
export function s3At({ url }: At, more: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    forcePathStyle: true,
    ...more,
  });
}

/** KMS in us-east-1 as `AKIATEST` by default. */
export function kmsAt({ url }: At, more: KMSClientConfig = {}): KMSClient {
  return new KMSClient({ endpoint: url, region: 'us-east-1', credentials: CREDENTIALS, ...more });
}

/** The credentials of another caller. */
export function credentialsOf(accessKeyId: string) {
  return { credentials: { accessKeyId, secretAccessKey: 'secret' } };
}
