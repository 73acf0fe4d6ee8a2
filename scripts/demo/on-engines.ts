// `npm run story -- --s3 URL --kms URL --database URL`: the demo's story on the given engines, served by two processes.
import { parseArgs } from 'node:util';
import { type Engines, makeDemoWorld } from './start.ts';
import { playStory } from './story.ts';

const USAGE = `usage: npm run story -- [--s3 s3://BUCKET/PREFIX | --s3 http://HOST:PORT/BUCKET/PREFIX] [--etag bare]
                        [--kms aws | --kms http://HOST:PORT] [--region us-east-1] [--database postgres://…]
                        [--processes 2]
What is not named is the embedded default. The bucket and the database exist and the database is empty; credentials come from
the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, PGPASSFILE).`;

/** Variables for the engines. Throws for an unknown option. */
function enginesOf(args: readonly string[]): Engines {
  const { values } = parseArgs({
    args: [...args],
    options: {
      s3: { type: 'string' },
      etag: { type: 'string' },
      kms: { type: 'string' },
      database: { type: 'string' },
      region: { type: 'string', default: 'us-east-1' },
      processes: { type: 'string', default: '2' },
    },
  });
  const { s3, etag, kms, database } = values;
  const processes = Number(values.processes);
  if (!Number.isInteger(processes) || processes < 1 || processes > 8) throw new Error('--processes takes 1 to 8');
  const environment: Record<string, string> = { AWS_REGION: values.region };
  if (s3?.startsWith('s3:') === true) environment['CALLVAULT_STORE'] = s3;
  else if (s3 !== undefined) {
    const { origin, pathname } = new URL(s3);
    environment['CALLVAULT_STORE'] = `s3:/${pathname}`;
    environment['CALLVAULT_S3_ENDPOINT'] = origin;
  }
  if (etag !== undefined) environment['CALLVAULT_S3_ETAG'] = etag;
  if (kms !== undefined) environment['CALLVAULT_KEYS'] = 'kms:';
  if (kms !== undefined && kms !== 'aws') environment['CALLVAULT_KMS_ENDPOINT'] = kms;
  if (database !== undefined) environment['CALLVAULT_DATABASE'] = database;
  return { environment, processes };
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  let engines: Engines;
  try {
    engines = enginesOf(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return 2;
  }
  const world = await makeDemoWorld('any port', engines);
  try {
    const start = performance.now();
    const { code } = await playStory(world, { tell: (line) => void process.stdout.write(`${line}\n`) });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (code === 0)
      process.stdout.write(`\nThe whole story took ${seconds} seconds, by ${engines.processes} processes.\n`);
    return code;
  } finally {
    await world.close();
  }
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
