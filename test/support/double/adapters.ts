// Our own adapters over a double, as contract suites and fault suites open them.
import { CreateBucketCommand, PutBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import { kmsKeys } from '../../../src/adapters/aws/kms.ts';
import type { Deadlines } from '../../../src/adapters/aws/s3-client.ts';
import { s3Store } from '../../../src/adapters/aws/s3-store.ts';
import type { StoreLocation } from '../../../src/model/tenant.ts';
import type { KeyService } from '../../../src/ports/key-service.ts';
import type { ObjectStore } from '../../../src/ports/object-store.ts';
import { s3At } from './clients.ts';
import type { Double } from './double.ts';

export const REGION = 'us-east-1';

/** The callers that the adapters act as, for policies. */
export const CALLER = 'CALLVAULT';

const credentials = { accessKeyId: CALLER, secretAccessKey: 'secret' } as const;

/** The S3 adapter over the double. */
export function doubleStore({ url }: Double, deadlines?: Deadlines): ObjectStore {
  const how = { endpoint: url, etag: 'quoted', credentials } as const;
  return s3Store(deadlines === undefined ? how : { ...how, deadlines });
}

/** The KMS adapter over the double; it creates keys in `region`. */
export function doubleKeys({ url }: Double, region = REGION): KeyService {
  return kmsKeys({ endpoint: url, region, credentials });
}

let made = 0;

/** A location in a new bucket. */
export async function doublePlace(
  double: Double,
  versions: 'versioned' | 'unversioned',
  prefix = '',
): Promise<StoreLocation> {
  made += 1;
  const bucket = `place-${made}`;
  const s3: S3Client = s3At(double);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  if (versions === 'versioned')
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  s3.destroy();
  return { region: REGION, bucket, prefix };
}
