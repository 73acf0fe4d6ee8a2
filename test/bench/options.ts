// The command line of the bench.
import { parseArgs } from 'node:util';

/** Names of `--only`. */
export const BENCHES: readonly string[] = ['core', 'http', 'memory', 'start', 'calls', 'load'];

const USAGE = `usage: npm run bench -- [--only core,http,memory,start,calls,load] [--rounds 15] [--json]
       npm run bench -- --profile CALL,…|all
       npm run bench -- --rows 1000000 [--keep FOLDER] [--match TEXT]
  core, http, memory:     [--size 64] [--large 1024] [--store s3://BUCKET/PREFIX] [--store-endpoint http://HOST:PORT]
                          [--etag bare] [--region us-east-1]
  calls, profile:         [--each 8] [--warming 3]
  load:                   [--seconds 10] [--calls 120] [--many 60]
  calls, load, profile:   [--before CHECKOUT]
  these three, and rows:  [--engine sqlite,postgres]
Sizes are in MiB: of an object, and of the one whose memory is measured. Without --store blobs lie in a folder.
A round makes each call --each times; --warming rounds are not counted. --before names another built checkout that is
measured beside this one. --rows times lists, searches and background rounds over so many seeded recordings; --keep
uses the rows of a folder again.`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  only: { type: 'string' },
  rounds: { type: 'string', default: '15' },
  size: { type: 'string', default: '64' },
  large: { type: 'string', default: '1024' },
  store: { type: 'string' },
  'store-endpoint': { type: 'string' },
  etag: { type: 'string' },
  region: { type: 'string', default: 'us-east-1' },
  engine: { type: 'string', default: 'sqlite' },
  before: { type: 'string' },
  each: { type: 'string', default: '8' },
  warming: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '10' },
  calls: { type: 'string', default: '120' },
  many: { type: 'string', default: '60' },
  profile: { type: 'string' },
  rows: { type: 'string' },
  keep: { type: 'string' },
  match: { type: 'string', default: '' },
  help: { type: 'boolean', default: false },
} as const;

/** The options of this process. Prints the usage and ends the process for `--help`, or for a line that is not one. */
export function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (!values.help) return values;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exit(2);
  }
}

/** The number of an option. Throws RangeError. */
export function wholeNumber(name: keyof typeof OPTIONS, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(`--${name} must be a whole number from 1`);
  return Number(text);
}
