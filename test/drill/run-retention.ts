// npm run drill:retention: random histories of retention, compared with the twin.
import { parseArgs } from 'node:util';
import { compareHistories } from '../support/retention-compared.ts';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000000' },
    first: { type: 'string', default: '0' },
  },
});
const began = performance.now();
const { differences, ...tally } = compareHistories(Number(values.first), Number(values.histories));
const seconds = ((performance.now() - began) / 1000).toFixed(0);
process.stdout.write(`${JSON.stringify(differences.slice(0, 3), null, 1)}\n`);
process.stdout.write(`${JSON.stringify(tally)}\n${differences.length} differences in ${seconds} s\n`);
process.exitCode = differences.length === 0 ? 0 : 1;
