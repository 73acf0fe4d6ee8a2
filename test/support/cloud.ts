// A deployment on real engines: a bucket in Ceph RGW, keys in moto, a database in PostgreSQL.
import { CreateBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { needs } from './needs.ts';
import { CEPH_CREDENTIALS } from './servers/ceph.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';

/** Whether the machine has all three; `reason` names what is missing. */
export function needsCloud(): { present: boolean; reason: string } {
  const all = (['ceph', 'moto', 'postgresql'] as const).map((name) => needs(name));
  return {
    present: all.every(({ present }) => present),
    reason: all
      .map(({ reason }) => reason)
      .join(' ')
      .trim(),
  };
}

export type Cloud = {
  /** The variables that name the engines, credentials included. */
  readonly env: Readonly<Record<string, string>>;
  readonly endpoints: { readonly s3: string; readonly kms: string };
  readonly bucket: string;
  readonly rows: <T extends object>(query: string, values?: readonly string[]) => Promise<T[]>;
  /** Every row of every table, as text. */
  readonly dump: () => Promise<string>;
  /** Keys of all blobs. */
  readonly blobs: () => Promise<string[]>;
  /** Keys of all open uploads. */
  readonly uploads: () => Promise<string[]>;
  readonly close: () => Promise<void>;
};

let made = 0;

/** Creates a bucket and a database on the run's servers. Adapters in this process find the credentials, too. */
export async function openCloud(): Promise<Cloud> {
  const [ceph, moto, postgresql] = await Promise.all([serverOf('ceph'), serverOf('moto'), serverOf('postgresql')]);
  const database = await freshDatabase(postgresql);
  const bucket = `vault-${process.pid}-${Date.now()}-${made++}`;
  const s3 = new S3Client({
    endpoint: ceph.url,
    region: 'us-east-1',
    credentials: CEPH_CREDENTIALS,
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const credentials = {
    AWS_ACCESS_KEY_ID: CEPH_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CEPH_CREDENTIALS.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  Object.assign(process.env, credentials);
  const pool = new pg.Pool({ connectionString: database, max: 2 });
  const rows: Cloud['rows'] = async (query, values = []) => (await pool.query(query, [...values])).rows;

  return {
    env: {
      ...credentials,
      CALLVAULT_DATABASE: database,
      CALLVAULT_STORE: `s3://${bucket}`,
      CALLVAULT_S3_ENDPOINT: ceph.url,
      CALLVAULT_S3_ETAG: 'bare',
      CALLVAULT_KEYS: 'kms:',
      CALLVAULT_KMS_ENDPOINT: moto.url,
    },
    endpoints: { s3: ceph.url, kms: moto.url },
    bucket,
    rows,
    dump: async () => {
      const tables = await rows<{ name: string }>(
        "select tablename as name from pg_tables where schemaname = 'public' order by 1",
      );
      const texts = [];
      for (const { name } of tables) {
        const all = await rows<{ text: string }>(`select t::text as text from "${name}" t order by 1`);
        texts.push(`-- ${name}`, ...all.map(({ text }) => text));
      }
      return texts.join('\n');
    },
    blobs: async () => {
      const keys: string[] = [];
      for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
        const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }));
        keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
        token = page.NextContinuationToken;
      }
      return keys.sort();
    },
    uploads: async () => {
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return Uploads.map(({ Key }) => Key ?? '');
    },
    close: async () => {
      await pool.end();
      s3.destroy();
    },
  };
}
