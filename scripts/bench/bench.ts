// The bench: `npm run bench [-- --json --rounds 15 --size 64]`. Every figure is a ratio of one run; see rounds.ts.
import { parseArgs } from 'node:util';
import { coreComparisons } from './core.ts';
import { machine, table } from './report.ts';
import { type Comparison, type Figures, measure } from './rounds.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    size: { type: 'string', default: '64' },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new RangeError(`--${name} takes a whole number from 1`);
  return value;
}

const rounds = whole('rounds', values.rounds);
const mib = whole('size', values.size);

/** What is measured, in order. A later bench adds its comparisons here. */
const comparisons: readonly Comparison[] = [...(await coreComparisons(mib * 1_048_576))];

const figures: Figures[] = [];
if (!values.json) console.log(`${machine()}, ${rounds} rounds`);
for (const comparison of comparisons) {
  const result = await measure(comparison, rounds);
  figures.push(result);
  if (!values.json) console.log(`\n${table(result)}`);
}
if (values.json) console.log(JSON.stringify({ machine: machine(), rounds, mib, comparisons: figures }));
