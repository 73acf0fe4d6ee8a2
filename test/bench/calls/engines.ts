// The engines that deployments of the bench run on: embedded ones, or PostgreSQL and S3 on this machine.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { emptyDatabase, endPostgres, postgresPrograms, startPostgres } from '../../support/servers/postgres.ts';
import { s3DoubleFile } from './programs.ts';

export const ENGINES = ['sqlite', 'postgres'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Options of `callvault init`, and variables, that name the engines of one deployment. */
export type EngineChoice = {
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/** Running engines. `next` makes the place of one more deployment in them. */
export type Engines = {
  readonly described: string;
  readonly next: () => Promise<EngineChoice>;
  readonly close: () => Promise<void>;
};

/** Starts the engines. Throws where this machine has no PostgreSQL. */
export function startEngines(name: EngineName): Promise<Engines> {
  return name === 'sqlite' ? Promise.resolve(EMBEDDED) : startServers();
}

const EMBEDDED: Engines = {
  described: 'SQLite, folder, keyring',
  next: async () => ({ options: [], environment: {} }),
  close: async () => undefined,
};

const CREDENTIALS = { accessKeyId: 'CALLVAULT', secretAccessKey: 'secret' };
const REGION = 'us-east-1';

async function startServers(): Promise<Engines> {
  if (postgresPrograms() === null) throw new Error('there is no PostgreSQL: apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'callvault-bench-'));
  // PostgreSQL runs as another user below it.
  chmodSync(folder, 0o711);
  const [postgres, s3] = await Promise.all([startPostgres(join(folder, 'postgres')), startS3()]);
  let made = 0;
  return {
    described: 'PostgreSQL, S3, keyring',
    next: async () => {
      const bucket = `bench-${made++}`;
      const client = new S3Client({
        ...{ endpoint: s3.url, region: REGION, credentials: CREDENTIALS, forcePathStyle: true },
      });
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      client.destroy();
      return {
        options: ['--database', await emptyDatabase(postgres), '--store', `s3://${bucket}`],
        environment: {
          AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
          AWS_REGION: REGION,
          CALLVAULT_S3_ENDPOINT: s3.url,
        },
      };
    },
    close: async () => {
      s3.child.disconnect();
      await endPostgres(postgres);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The double of S3 as a separate process: it ends with this one. */
async function startS3(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(s3DoubleFile(), [], { execArgv: [] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { child, url };
}
