// Bench: `npm run bench`, with the options of `USAGE`. Every speed is a ratio within one run; see rounds.ts.
import { parseArgs } from 'node:util';
import { callsOf } from './calls/calls.ts';
import { startContenders } from './calls/contenders.ts';
import { ENGINES, startEngines } from './calls/engines.ts';
import { type CallFigures, measureCalls } from './calls/measure.ts';
import { callsTable } from './calls/table.ts';
import { coreComparisons } from './core.ts';
import { httpComparisons } from './http.ts';
import { memoryMeasures } from './memory.ts';
import { comparisonTable, machine, measureLines } from './report.ts';
import { type Figures, measure, type PreparedComparisons } from './rounds.ts';
import { measureRows, type RowEngine } from './rows/rows.ts';
import { startMeasures } from './start.ts';

const MIB = 1_048_576;
const BENCHES = ['core', 'http', 'memory', 'start', 'calls'];

const USAGE = `usage: npm run bench -- [--only core,http,memory,start,calls] [--rounds 15] [--json]
  core, http, memory: [--size 64] [--large 1024] [--store s3://BUCKET/PREFIX] [--store-endpoint http://HOST:PORT]
                      [--etag bare] [--region us-east-1]
  calls:              [--engine sqlite,postgres] [--before CHECKOUT] [--each 8]
Sizes are in MiB: of an object, and of the one whose memory is measured. Without --store blobs lie in a folder.
--before names another checkout, built, that is measured beside this one. A round makes each call --each times.
       npm run bench -- --rows 1000000 [--engine sqlite,postgres] [--keep FOLDER] [--match TEXT] [--json]
times lists, searches and background rounds over so many seeded recordings. --keep uses the rows of a folder again.`;

function parsed() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exit(2);
  }
}

const OPTIONS = {
  json: { type: 'boolean', default: false },
  only: { type: 'string', default: BENCHES.join(',') },
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
  rows: { type: 'string' },
  keep: { type: 'string' },
  match: { type: 'string', default: '' },
  help: { type: 'boolean', default: false },
} as const;

const values = parsed();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

function wholeOption(name: 'rounds' | 'size' | 'large' | 'each' | 'rows'): number {
  const text = values[name] ?? '';
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(`--${name} must be a whole number from 1`);
  return Number(text);
}

if (values.rows !== undefined) {
  const print = values.json ? () => undefined : console.log;
  const { keep = null, match } = values;
  const rowEngines = values.engine.split(',') as RowEngine[];
  const rows = await measureRows({ recordings: wholeOption('rows'), engines: rowEngines, keep, match }, print);
  if (values.json) console.log(JSON.stringify({ machine: machine(), rows }));
  process.exit(0);
}

const only = values.only.split(',');
for (const name of only) if (!BENCHES.includes(name)) throw new RangeError(`--only takes ${BENCHES.join(', ')}`);
const rounds = wholeOption('rounds');
const size = wholeOption('size') * MIB;
const large = wholeOption('large') * MIB;
const engines = {
  AWS_REGION: values.region,
  ...(values.store === undefined ? {} : { CALLVAULT_STORE: values.store }),
  ...(values['store-endpoint'] === undefined ? {} : { CALLVAULT_S3_ENDPOINT: values['store-endpoint'] }),
  ...(values.etag === undefined ? {} : { CALLVAULT_S3_ETAG: values.etag }),
};
const figures: Figures[] = [];
const printUnlessJson = (text: string): void => {
  if (!values.json) console.log(text);
};

/** Measures the prepared comparisons and prints each table as soon as it is complete. */
async function run({ comparisons, close }: PreparedComparisons): Promise<void> {
  try {
    for (const comparison of comparisons) {
      const result = await measure(comparison, rounds);
      figures.push(result);
      printUnlessJson(`\n${comparisonTable(result)}`);
    }
  } finally {
    await close();
  }
}

/** Figures of the calls by engines. */
async function measureOn(names: readonly string[]): Promise<Readonly<Record<string, readonly CallFigures[]>>> {
  const found: Record<string, readonly CallFigures[]> = {};
  for (const name of ENGINES.filter((one) => names.includes(one))) {
    const running = await startEngines(name);
    try {
      const entries = { engines: running, before: values.before ?? null, bare: name === 'sqlite' };
      const contenders = await startContenders(entries);
      try {
        found[name] = await measureCalls(contenders.all, callsOf(wholeOption('each')), rounds);
        printUnlessJson(`\n${running.described}\n${callsTable(found[name])}`);
      } finally {
        await contenders.close();
      }
    } finally {
      await running.close();
    }
  }
  return found;
}

printUnlessJson(`${machine()}; ${rounds} rounds; store: ${values.store ?? 'folder'}`);
if (only.includes('core')) await run(await coreComparisons(size));
if (only.includes('http')) await run(await httpComparisons(size, engines));
const memory = only.includes('memory') ? await memoryMeasures(engines, large) : [];
if (memory.length > 0) printUnlessJson(`\n${measureLines(memory)}`);
const start = only.includes('start') ? await startMeasures(rounds) : [];
if (start.length > 0) printUnlessJson(`\n${measureLines(start)}`);
const calls = only.includes('calls') ? await measureOn(values.engine.split(',')) : {};
if (values.json)
  console.log(JSON.stringify({ machine: machine(), rounds, comparisons: figures, memory, start, calls }));
