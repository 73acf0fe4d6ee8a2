// npm run drill:expiry-kills: kill −9 of a process that expires, from the command line.
import { parseArgs } from 'node:util';
import { faultRandom } from '../support/fault-random.ts';
import { playKills } from './expiry/kills.ts';

const { values } = parseArgs({
  options: {
    recordings: { type: 'string', default: '200' },
    kills: { type: 'string', default: '100' },
    database: { type: 'string' },
  },
});
const random = faultRandom();
const numbers = { recordings: Number(values.recordings), kills: Number(values.kills) };
const { problems, kills, batches } = await playKills(
  { ...numbers, random, postgres: values.database },
  async () => undefined,
);
for (const one of problems) process.stdout.write(`${one}\n`);
process.stdout.write(`${kills} kills, ${batches} batches, ${problems.length} problems, FAULT_SEED=${random.seed}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
