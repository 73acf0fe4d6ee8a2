// Bench: `npm run bench`, with the options of options.ts. Every speed is a ratio within one run; see rounds.ts.
import { callsIn, enginesIn, runCallBenches } from './calls/run.ts';
import { coreComparisons } from './core.ts';
import { httpComparisons } from './http.ts';
import { memoryMeasures } from './memory.ts';
import { BENCHES, readOptions, wholeNumber } from './options.ts';
import { comparisonTable, machine, measureLines } from './report.ts';
import { type Figures, measure, type PreparedComparisons } from './rounds.ts';
import { measureRows } from './rows/rows.ts';
import { startMeasures } from './start.ts';

// A wrong option: its message is enough.
process.on('uncaughtException', (error) => {
  console.error(error instanceof RangeError ? `bench: ${error.message} (--help lists the options)` : error);
  process.exit(error instanceof RangeError ? 2 : 1);
});

const MIB = 1_048_576;
const values = readOptions();
const print = (text: string): void => {
  if (!values.json) console.log(text);
};
const whole = (name: 'rounds' | 'size' | 'large' | 'each' | 'warming' | 'seconds' | 'calls' | 'many'): number =>
  wholeNumber(name, values[name]);

if (values.rows !== undefined) {
  const { keep = null, match } = values;
  const recordings = wholeNumber('rows', values.rows);
  const rows = await measureRows({ recordings, engines: enginesIn(values.engine), keep, match }, print);
  if (values.json) console.log(JSON.stringify({ machine: machine(), rows }));
  process.exit(0);
}

const profile = values.profile === undefined ? null : { calls: callsIn(values.profile), each: 5 * whole('each') };
const only = values.only?.split(',') ?? (profile === null ? BENCHES : []);
for (const name of only) if (!BENCHES.includes(name)) throw new RangeError(`--only takes ${BENCHES.join(', ')}`);
const rounds = whole('rounds');
const size = whole('size') * MIB;
const large = whole('large') * MIB;
const engines = {
  AWS_REGION: values.region,
  ...(values.store === undefined ? {} : { CALLVAULT_STORE: values.store }),
  ...(values['store-endpoint'] === undefined ? {} : { CALLVAULT_S3_ENDPOINT: values['store-endpoint'] }),
  ...(values.etag === undefined ? {} : { CALLVAULT_S3_ETAG: values.etag }),
};
const figures: Figures[] = [];

/** Measures the prepared comparisons and prints each table as soon as it is complete. */
async function run({ comparisons, close }: PreparedComparisons): Promise<void> {
  try {
    for (const comparison of comparisons) {
      const result = await measure(comparison, rounds);
      figures.push(result);
      print(`\n${comparisonTable(result)}`);
    }
  } finally {
    await close();
  }
}

print(`${machine()}; ${rounds} rounds; store: ${values.store ?? 'folder'}`);
if (only.includes('core')) await run(await coreComparisons(size));
if (only.includes('http')) await run(await httpComparisons(size, engines));
const memory = only.includes('memory') ? await memoryMeasures(engines, large) : [];
if (memory.length > 0) print(`\n${measureLines(memory)}`);
const start = only.includes('start') ? await startMeasures(rounds) : [];
if (start.length > 0) print(`\n${measureLines(start)}`);
const served = await runCallBenches(
  {
    engines: enginesIn(values.engine),
    before: values.before ?? null,
    calls: only.includes('calls') ? { rounds, each: whole('each') } : null,
    load: only.includes('load') ? { seconds: whole('seconds'), calls: whole('calls'), many: whole('many') } : null,
    profile,
    warming: whole('warming'),
  },
  print,
);
if (values.json)
  console.log(JSON.stringify({ machine: machine(), rounds, comparisons: figures, memory, start, served }));
