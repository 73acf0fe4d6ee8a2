// The bench: `npm run bench [-- --json --only core,http,memory --rounds 15 --size 64 --large 1024 --store … --keys …]`.
// Every speed is a ratio of one run; see rounds.ts.
import { parseArgs } from 'node:util';
import { coreComparisons } from './core.ts';
import { httpComparisons } from './http.ts';
import { memoryMeasures } from './memory.ts';
import { machine, measures, table } from './report.ts';
import { type Figures, measure, type Ready } from './rounds.ts';

const MIB = 1_048_576;
const BENCHES = ['core', 'http', 'memory'];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: BENCHES.join(',') },
    rounds: { type: 'string', default: '15' },
    size: { type: 'string', default: '64' },
    large: { type: 'string', default: '1024' },
    store: { type: 'string' },
    'store-endpoint': { type: 'string' },
    etag: { type: 'string' },
    region: { type: 'string', default: 'us-east-1' },
  },
});

function whole(name: 'rounds' | 'size' | 'large'): number {
  if (!/^[1-9]\d{0,5}$/.test(values[name])) throw new RangeError(`--${name} takes a whole number from 1`);
  return Number(values[name]);
}

const only = values.only.split(',');
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
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

/** Measures what was made ready and tells each table as soon as it is there. */
async function run({ comparisons, close }: Ready): Promise<void> {
  try {
    for (const comparison of comparisons) {
      const result = await measure(comparison, rounds);
      figures.push(result);
      say(`\n${table(result)}`);
    }
  } finally {
    await close();
  }
}

say(`${machine()}; ${rounds} rounds; store: ${values.store ?? 'folder'}`);
if (only.includes('core')) await run(await coreComparisons(size));
if (only.includes('http')) await run(await httpComparisons(size, engines));
const memory = only.includes('memory') ? await memoryMeasures(engines, large) : [];
if (memory.length > 0) say(`\n${measures(memory)}`);
if (values.json) console.log(JSON.stringify({ machine: machine(), rounds, comparisons: figures, memory }));
