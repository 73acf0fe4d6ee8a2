// The bench: `npm run bench [-- --json --rounds 15 --size 64]`. Every figure is a ratio of one run; see rounds.ts.
import { parseArgs } from 'node:util';
import { coreComparisons } from './core.ts';
import { machine, table } from './report.ts';
import { type Figures, measure, type Ready } from './rounds.ts';

const MIB = 1_048_576;

/** What is measured, in order: each makes ready its own comparisons of that many bytes. */
const BENCHES: readonly ((bytes: number) => Promise<Ready>)[] = [coreComparisons];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    size: { type: 'string', default: '64' },
  },
});

function whole(name: 'rounds' | 'size'): number {
  if (!/^[1-9]\d{0,5}$/.test(values[name])) throw new RangeError(`--${name} takes a whole number from 1`);
  return Number(values[name]);
}

const rounds = whole('rounds');
const size = whole('size');
const figures: Figures[] = [];

if (!values.json) console.log(`${machine()}; ${rounds} rounds`);
for (const bench of BENCHES) {
  const { comparisons, close } = await bench(size * MIB);
  try {
    for (const comparison of comparisons) {
      const result = await measure(comparison, rounds);
      figures.push(result);
      if (!values.json) console.log(`\n${table(result)}`);
    }
  } finally {
    close();
  }
}
if (values.json) console.log(JSON.stringify({ machine: machine(), rounds, comparisons: figures }));
