// npm run drill:relay: relay drill from the command line.
import { parseArgs } from 'node:util';
import { faultRandom } from '../support/fault-random.ts';
import { drillRelay } from './relay.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '4' },
    database: { type: 'string' },
  },
});
const random = faultRandom();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const numbers = { calls: Number(values.calls), perSecond: Number(values.rate) };
const result = await drillRelay({ ...numbers, random, database: values.database }, say);
for (const problem of result.problems) say(`✗ ${problem}`);
for (const [what, count] of Object.entries(result.faults)) say(`${what} ${count} times`);
say(`${result.recordings} recordings of ${numbers.calls} calls in ${result.seconds} s`);
say(`plaintext at most ${result.longestPlaintext} s after a sidecar, FAULT_SEED=${random.seed}`);
process.exitCode = result.problems.length === 0 ? 0 : 1;
